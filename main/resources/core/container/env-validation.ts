import type { Container } from '../../../../shared/api/core.ts'
import type { StatusCause } from '../../../../shared/api/object.ts'
import { child, index, invalid, required } from '../../../../shared/machinery/field-errors.ts'
import {
  isConfigMapKey,
  isDns1123Label,
  isDns1123Subdomain,
  isRelaxedEnvVarName,
} from '../../../../shared/machinery/names.ts'
import { invalidFor } from '../../faults.ts'
import { envFields, validateFieldRef, validateResourceFieldRef } from './downward-api-validation.ts'
import { validateNoBacksteps } from '../path-validation.ts'

type EnvVar = NonNullable<Container['env']>[number]
type ValueFrom = NonNullable<EnvVar['valueFrom']>
type EnvFrom = NonNullable<Container['envFrom']>[number]

const oneOnly = 'may not have more than one field specified at a time'

/** Faults of environment variables (ValidateEnv). */
export function validateEnv(variables: EnvVar[], path: string): StatusCause[] {
  return variables.flatMap((variable, i) => {
    const at = index(path, i)
    const { name } = variable
    return [
      ...(name ? invalidFor(child(at, 'name'), name, isRelaxedEnvVarName(name)) : [required(child(at, 'name'))]),
      ...(variable.valueFrom
        ? validateValueFrom(variable.valueFrom, { path: child(at, 'valueFrom'), value: variable.value })
        : []),
    ]
  })
}

function validateValueFrom(
  from: ValueFrom,
  { path, value }: { path: string; value: string | undefined },
): StatusCause[] {
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef } = from
  const sources = [fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef].filter(Boolean).length
  const every = 'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`'
  const fault = (detail: string) => [invalid(path, '', detail)]
  return [
    ...(fieldRef ? validateFieldRef(fieldRef, { path: child(path, 'fieldRef'), allowed: envFields }) : []),
    ...(resourceFieldRef
      ? validateResourceFieldRef(resourceFieldRef, { path: child(path, 'resourceFieldRef'), volume: false })
      : []),
    ...(configMapKeyRef ? validateKeyRef(configMapKeyRef, child(path, 'configMapKeyRef')) : []),
    ...(secretKeyRef ? validateKeyRef(secretKeyRef, child(path, 'secretKeyRef')) : []),
    ...(fileKeyRef ? validateFileKeyRef(fileKeyRef, child(path, 'fileKeyRef')) : []),
    ...(sources === 0
      ? fault(every)
      : value
        ? fault('may not be specified when `value` is not empty')
        : sources > 1
          ? fault(oneOnly)
          : []),
  ]
}

function validateKeyRef({ name = '', key }: { name?: string; key?: string }, path: string): StatusCause[] {
  const keyPath = child(path, 'key')
  return [
    ...invalidFor(child(path, 'name'), name, isDns1123Subdomain(name)),
    ...(key ? invalidFor(keyPath, key, isConfigMapKey(key)) : [required(keyPath)]),
  ]
}

function validateFileKeyRef(ref: Partial<NonNullable<ValueFrom['fileKeyRef']>>, path: string): StatusCause[] {
  const { key, volumeName, path: file } = ref
  const [keyPath, volumePath, filePath] = [child(path, 'key'), child(path, 'volumeName'), child(path, 'path')]
  return [
    ...(key ? invalidFor(keyPath, key, isRelaxedEnvVarName(key)) : [required(keyPath)]),
    ...(volumeName ? invalidFor(volumePath, volumeName, isDns1123Label(volumeName)) : [required(volumePath)]),
    ...(file ? validateNoBacksteps(filePath, file) : [required(filePath)]),
  ]
}

/** Faults of whole ConfigMaps and Secrets as environment (ValidateEnvFrom). */
export function validateEnvFrom(sources: EnvFrom[], path: string): StatusCause[] {
  return sources.flatMap(({ prefix, configMapRef, secretRef }, i) => {
    const at = index(path, i)
    const none = 'must specify one of: `configMapRef` or `secretRef`'
    return [
      ...(prefix ? invalidFor(child(at, 'prefix'), prefix, isRelaxedEnvVarName(prefix)) : []),
      ...(configMapRef ? validateName(configMapRef, child(at, 'configMapRef', 'name')) : []),
      ...(secretRef ? validateName(secretRef, child(at, 'secretRef', 'name')) : []),
      // Upstream names the list, not the item.
      ...(!configMapRef && !secretRef
        ? [invalid(path, '', none)]
        : configMapRef && secretRef
          ? [invalid(path, '', oneOnly)]
          : []),
    ]
  })
}

function validateName({ name }: { name?: string }, path: string): StatusCause[] {
  return name ? invalidFor(path, name, isDns1123Subdomain(name)) : [required(path)]
}
