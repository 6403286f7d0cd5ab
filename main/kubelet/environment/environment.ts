import { configMaps, secrets } from '../../../shared/api/core.ts'
import type { ConfigMap, Container, Pod, Secret } from '../../../shared/api/core.ts'
import { envFileValue } from './env-file.ts'
import { expand } from './expand.ts'
import { fieldValue } from './field-ref.ts'
import type { PodFacts } from './field-ref.ts'
import { resourceFieldValue } from './resource-field.ts'
import type { VolumeHost } from '../host.ts'
import type { ObjectReader } from '../object-reader.ts'
import { RuntimeFault } from '../runtime.ts'

export interface EnvironmentInput {
  pod: Pod
  container: Container
  facts: PodFacts
  /** Variables of the namespace's Services; what the container names itself wins. */
  services: Map<string, string>
  read: ObjectReader
  /** Host paths by volume, and what reads a file there; see VolumeHost. */
  volumes: ReadonlyMap<string, string>
  host: Pick<VolumeHost, 'read'>
}

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

async function addAll(into: Map<string, string>, source: EnvFrom, { pod, read }: EnvironmentInput) {
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
  for (const [key, value] of data) into.set(`${source.prefix ?? ''}${key}`, value)
}

async function sourceValue(source: EnvVarSource, input: EnvironmentInput): Promise<string | undefined> {
  const { pod, container, facts, read } = input
  const namespace = pod.metadata.namespace ?? ''
  if (source.fieldRef) return fieldValue(pod, source.fieldRef.fieldPath, facts)
  if (source.resourceFieldRef) {
    return resourceFieldValue(pod, source.resourceFieldRef, { container, allocatable: facts.allocatable })
  }
  if (source.fileKeyRef) return fileValue(source.fileKeyRef, input)
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

/** A variable that a container of the pod has written down in a volume before (KEP-3721). */
async function fileValue(
  { volumeName, path, key, optional }: NonNullable<EnvVarSource['fileKeyRef']>,
  { volumes, host }: EnvironmentInput,
): Promise<string | undefined> {
  const volume = volumes.get(volumeName)
  if (volume === undefined) throw configError(`cannot find the volume "${volumeName}" referenced by FileKeyRef`)
  let value: string | undefined
  try {
    value = envFileValue(new TextDecoder().decode(await host.read(volume, path)), key)
  } catch {
    // Why it can't be read is for those who may see the node's files.
    throw configError("couldn't parse env file")
  }
  if (value === undefined && !optional)
    throw configError(`environment variable key "${key}" not found in file "${volume}/${path}"`)
  return value
}

const configMapData = (object: ConfigMap | undefined) => object && new Map(Object.entries(object.data ?? {}))
const secretData = (object: Secret | undefined) =>
  object && new Map(Object.entries(object.data ?? {}).map(([k, v]) => [k, Buffer.from(v, 'base64').toString('utf8')]))
const configError = (message: string) => new RuntimeFault('CreateContainerConfigError', message)
