import { secrets, type Secret } from '../../../shared/api/core.ts'
import type { StatusCause } from '../../../shared/api/object.ts'
import { invalid, key as at, required, tooLong } from '../../../shared/machinery/field-errors.ts'
import { isObject } from '../../../shared/machinery/json-value.ts'
import { isConfigMapKey } from '../../../shared/machinery/names.ts'
import { immutable, invalidFor } from '../faults.ts'
import { ageColumn, nameColumn } from '../name-column.ts'
import { defineResource } from '../resource.ts'
import { schemaOf } from '../schemas.ts'
import { decodedLength, fixedWhenImmutable, sizeLimit } from './data.ts'
import { tlsSecretWarnings } from '../warnings/tls-secret.ts'

export const secret = defineResource(secrets, {
  schema: () => schemaOf('io.k8s.api.core.v1.Secret'),
  setDefaults,
  prepareForUpdate: (object, old) => {
    if (!object.type && old.type !== undefined) object.type = old.type
  },
  warnings: tlsSecretWarnings,
  validate,
  validateUpdate: (object, old) => [
    ...(object.type === old.type ? [] : [invalid('type', object.type, immutable)]),
    ...fixedWhenImmutable(object, old, ['data']),
    ...validate(object),
  ],
  fields: { type: object => object.type ?? '' },
  columns: [
    nameColumn,
    { name: 'Type', type: 'string', cell: object => object.type ?? '' },
    { name: 'Data', type: 'string', cell: object => Object.keys(object.data ?? {}).length },
    ageColumn,
  ],
})

/** `stringData` is a way to write `data`: it is folded in and never read back (Convert_v1_Secret_To_core_Secret). */
function setDefaults(object: Secret): void {
  object.type ||= 'Opaque'
  const { stringData } = object
  delete object.stringData
  if (!stringData || Object.keys(stringData).length === 0) return
  const encoded = Object.entries(stringData).map(([key, text]) => [key, Buffer.from(text).toString('base64')] as const)
  object.data = { ...object.data, ...Object.fromEntries(encoded) }
}

function validate(object: Secret): StatusCause[] {
  const { data = {} } = object
  const faults = Object.keys(data).flatMap(key => invalidFor(at('data', key), key, isConfigMapKey(key)))
  const size = Object.values(data).reduce((sum, value) => sum + decodedLength(value), 0)
  if (size > sizeLimit) faults.push(tooLong('data', sizeLimit))
  return [...faults, ...validateType(object)]
}

const serviceAccountName = 'kubernetes.io/service-account.name'

/** What each type requires to be there. */
function validateType({ type, data = {}, metadata }: Secret): StatusCause[] {
  const missing = (...keys: string[]) =>
    keys.filter(key => !Object.hasOwn(data, key)).map(key => required(at('data', key)))
  switch (type) {
    case 'kubernetes.io/service-account-token':
      return metadata.annotations?.[serviceAccountName]
        ? []
        : [required(at('metadata.annotations', serviceAccountName))]
    case 'kubernetes.io/dockercfg':
      return validateJson(data, '.dockercfg')
    case 'kubernetes.io/dockerconfigjson':
      return validateJson(data, '.dockerconfigjson')
    case 'kubernetes.io/basic-auth': {
      const absent = missing('username', 'password')
      return absent.length === 2 ? absent : []
    }
    case 'kubernetes.io/ssh-auth':
      return data['ssh-privatekey'] ? [] : [required(at('data', 'ssh-privatekey'))]
    case 'kubernetes.io/tls':
      return missing('tls.crt', 'tls.key')
    default:
      return []
  }
}

function validateJson(data: Record<string, string>, key: string): StatusCause[] {
  const value = data[key]
  if (value === undefined) return [required(at('data', key))]
  const unfit = (why: string) => [invalid(at('data', key), '<secret contents redacted>', why)]
  try {
    const parsed: unknown = JSON.parse(Buffer.from(value, 'base64').toString())
    return isObject(parsed) ? [] : unfit('json: cannot unmarshal into Go value of type map[string]interface {}')
  } catch {
    // The parser's own message would quote the secret.
    return unfit('invalid JSON')
  }
}
