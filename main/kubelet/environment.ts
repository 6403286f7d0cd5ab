import { configMaps, secrets } from '../../shared/api/core.ts'
import type { ConfigMap, Container, Pod, Secret } from '../../shared/api/core.ts'
import { expand } from './expand.ts'
import { fieldValue } from './field-ref.ts'
import type { PodFacts } from './field-ref.ts'
import { resourceFieldValue } from './resource-field.ts'
import type { ObjectReader } from './object-reader.ts'
import { RuntimeFault } from './runtime.ts'

export interface EnvironmentInput {
  pod: Pod
  container: Container
  facts: PodFacts
  /** Variables of the namespace's Services; what the container names itself wins. */
  services: Map<string, string>
  read: ObjectReader
  /** Told of keys of an envFrom source that can't be variable names. */
  onSkipped: (message: string) => void
}

/** Since RelaxedEnvironmentVariableValidation any printable ASCII but `=` may be in a name. */
const validName = /^[\x20-\x3c\x3e-\x7e]+$/

/**
 * A container's variables in order (pkg/kubelet/kubelet_pods.go, makeEnvironmentVariables).
 * Throws RuntimeFault `CreateContainerConfigError` with upstream's text when a source or key is missing.
 */
export async function containerEnvironment(input: EnvironmentInput): Promise<{ name: string; value: string }[]> {
  const { pod, container, services } = input
  const own = new Map<string, string>()
  for (const source of container.envFrom ?? []) {
    await addAll(own, source, input)
  }
  for (const variable of container.env ?? []) {
    const value = variable.valueFrom
      ? await sourceValue(variable.valueFrom, input)
      : expand(variable.value ?? '', name => own.get(name) ?? services.get(name))
    // Deleting first keeps the order in which variables were named last.
    own.delete(variable.name)
    if (value !== undefined) own.set(variable.name, value)
  }
  const all = new Map([...own, ...[...services].filter(([name]) => !own.has(name))])
  if (pod.spec.hostNetwork && !all.has('HOSTNAME')) all.set('HOSTNAME', input.facts.nodeName)
  return [...all].map(([name, value]) => ({ name, value }))
}

type EnvFrom = NonNullable<Container['envFrom']>[number]
type EnvVarSource = NonNullable<NonNullable<Container['env']>[number]['valueFrom']>

async function addAll(into: Map<string, string>, source: EnvFrom, { pod, read, onSkipped }: EnvironmentInput) {
  const namespace = pod.metadata.namespace ?? ''
  const reference = source.configMapRef ?? source.secretRef
  if (!reference) return
  const ofConfigMap = source.configMapRef !== undefined
  const name = reference.name ?? ''
  const data = ofConfigMap
    ? configMapData(await read.find(configMaps, { namespace, name }))
    : secretData(await read.find(secrets, { namespace, name }))
  if (!data) {
    if (reference.optional) return
    throw configError(`${ofConfigMap ? 'configmap' : 'secret'} "${name}" not found`)
  }
  const skipped: string[] = []
  for (const [key, value] of data) {
    const variable = `${source.prefix ?? ''}${key}`
    if (validName.test(variable)) into.set(variable, value)
    else skipped.push(key)
  }
  if (skipped.length === 0) return
  const kind = ofConfigMap ? 'configMap' : 'secret'
  onSkipped(
    `Keys [${skipped.sort().join(', ')}] from the EnvFrom ${kind} ${namespace}/${name} were skipped since they are considered invalid environment variable names.`,
  )
}

async function sourceValue(source: EnvVarSource, input: EnvironmentInput): Promise<string | undefined> {
  const { pod, container, facts, read } = input
  const namespace = pod.metadata.namespace ?? ''
  if (source.fieldRef) return fieldValue(pod, source.fieldRef.fieldPath, facts)
  if (source.resourceFieldRef) {
    return resourceFieldValue(pod, source.resourceFieldRef, { container, allocatable: facts.allocatable })
  }
  const reference = source.configMapKeyRef ?? source.secretKeyRef
  if (!reference) return undefined
  const ofConfigMap = source.configMapKeyRef !== undefined
  const name = reference.name ?? ''
  const data = ofConfigMap
    ? configMapData(await read.find(configMaps, { namespace, name }))
    : secretData(await read.find(secrets, { namespace, name }))
  const value = data?.get(reference.key)
  if (value !== undefined || reference.optional) return value
  if (!data) throw configError(`${ofConfigMap ? 'configmap' : 'secret'} "${name}" not found`)
  throw configError(
    `couldn't find key ${reference.key} in ${ofConfigMap ? 'ConfigMap' : 'Secret'} ${namespace}/${name}`,
  )
}

const configMapData = (object: ConfigMap | undefined) => object && new Map(Object.entries(object.data ?? {}))
const secretData = (object: Secret | undefined) =>
  object && new Map(Object.entries(object.data ?? {}).map(([k, v]) => [k, Buffer.from(v, 'base64').toString('utf8')]))
const configError = (message: string) => new RuntimeFault('CreateContainerConfigError', message)
