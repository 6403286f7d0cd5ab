import type { ContainerConfig, PodIdentity, Sandbox, SandboxConfig } from '../runtime.ts'

/** Which cluster and node a container, network or volume belongs to. What does not carry ours is never touched. */
export const CLUSTER = 'podbay.cluster'
export const NODE = 'podbay.node'

/** dockershim's label names, so that tools that know them work (cri-dockerd core/naming.go, kubelet types/labels.go). */
export const TYPE = 'io.kubernetes.docker.type'
export const SANDBOX_ID = 'io.kubernetes.sandbox.id'
const POD_NAME = 'io.kubernetes.pod.name'
const POD_NAMESPACE = 'io.kubernetes.pod.namespace'
/** Of a sandbox, where it is not the engine's default. */
export const RUNTIME_HANDLER = 'podbay.runtime-handler'
export const POD_UID = 'io.kubernetes.pod.uid'
export const GRACE_PERIOD = 'io.kubernetes.pod.terminationGracePeriod'
export const CONTAINER_NAME = 'io.kubernetes.container.name'
/** What the engine is asked to run is an id. */
export const IMAGE = 'podbay.image'
export const IMAGE_REF = 'podbay.image-ref'
export const CONTAINER_HASH = 'io.kubernetes.container.hash'
export const MESSAGE_PATH = 'io.kubernetes.container.terminationMessagePath'
export const MESSAGE_POLICY = 'io.kubernetes.container.terminationMessagePolicy'
/** CRI's attempt: of a sandbox, or what a container's status shows as restartCount. */
export const ATTEMPT = 'io.kubernetes.container.restartCount'

export type Labels = Record<string, string>
export interface Owner {
  cluster: string
  node: string
}

const podLabels = (pod: PodIdentity): Labels => ({
  [POD_NAME]: pod.name,
  [POD_NAMESPACE]: pod.namespace,
  [POD_UID]: pod.uid,
})

export const ownerLabels = (owner: Owner): Labels => ({ [CLUSTER]: owner.cluster, [NODE]: owner.node })

/** Everything that adopting and stopping a sandbox needs. Annotations become `annotation.<key>` labels, as dockershim's. */
export function sandboxLabels(owner: Owner, config: SandboxConfig): Labels {
  const annotations = Object.entries(config.annotations).map(([key, value]) => [`annotation.${key}`, value])
  return {
    ...config.labels,
    ...(Object.fromEntries(annotations) as Labels),
    ...ownerLabels(owner),
    ...podLabels(config.pod),
    [TYPE]: 'podsandbox',
    [CONTAINER_NAME]: 'POD',
    [ATTEMPT]: String(config.attempt),
    [GRACE_PERIOD]: String(config.terminationGracePeriodSeconds),
    ...(config.runtimeHandler !== undefined && { [RUNTIME_HANDLER]: config.runtimeHandler }),
  }
}

/** Everything that adopting and stopping a container needs when its pod object is gone. */
export function containerLabels(owner: Owner, sandbox: Sandbox, config: ContainerConfig, graceSeconds: string): Labels {
  return {
    ...ownerLabels(owner),
    ...podLabels(sandbox.pod),
    [TYPE]: 'container',
    [SANDBOX_ID]: sandbox.id,
    [CONTAINER_NAME]: config.name,
    [CONTAINER_HASH]: config.hash,
    [IMAGE]: config.image,
    [IMAGE_REF]: config.imageRef,
    [ATTEMPT]: String(config.attempt),
    [GRACE_PERIOD]: graceSeconds,
    [MESSAGE_PATH]: config.terminationMessagePath,
    [MESSAGE_POLICY]: config.terminationMessagePolicy,
  }
}

export const podOf = (labels: Labels): PodIdentity => ({
  namespace: labels[POD_NAMESPACE] ?? '',
  name: labels[POD_NAME] ?? '',
  uid: labels[POD_UID] ?? '',
})

export const numberOf = (labels: Labels, key: string): number => Number(labels[key] ?? 0)

/** `k8s_<container>_<pod>_<namespace>_<uid>_<attempt>`: the same work has the same name, which makes creating it idempotent. */
export function containerName(pod: PodIdentity, container: string, attempt: number): string {
  return ['k8s', container, pod.name, pod.namespace, pod.uid, attempt].join('_')
}

/** A filter for the engine's lists and events: all given labels must match. */
export function labelFilter(labels: Labels): string[] {
  return Object.entries(labels).map(([key, value]) => `${key}=${value}`)
}
