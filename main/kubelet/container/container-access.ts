import type { Duplex } from 'node:stream'
import type { Pod } from '../../../shared/api/core.ts'
import { badRequest, internalError, notFound } from '../../../shared/machinery/status.ts'
import type { AttachOptions, ExecOptions, ExecSession, LogOptions } from '../../../shared/machinery/streams.ts'
import { previousStatus } from '../status/container-status.ts'
import { localUid } from '../static-pods/manifest.ts'
import { history, sandboxOf } from '../pod/pod-records.ts'
import type { PodRecords } from '../pod/pod-records.ts'
import type { Runtime } from '../runtime.ts'

/** What the API server asks of a pod's kubelet (main/apiserver/connector.ts). */
export interface ContainerAccess {
  logs(pod: Pod, container: string, options: LogOptions & { previous: boolean }): Promise<AsyncIterable<Uint8Array>>
  exec(pod: Pod, container: string, options: ExecOptions): Promise<ExecSession>
  attach(pod: Pod, container: string, options: AttachOptions): Promise<ExecSession>
  portForward(pod: Pod, port: number): Promise<Duplex>
}

interface Parts {
  runtime: Runtime
  /** The records of a pod by uid; undefined if this node doesn't have it. */
  records: (podUid: string) => Promise<PodRecords | undefined>
}

export function createContainerAccess({ runtime, records }: Parts): ContainerAccess {
  const recordsOf = async (pod: Pod) => {
    const found = await records(localUid(pod))
    if (!found) throw notFound({ group: '', resource: 'pods', name: pod.metadata.name })
    return found
  }
  /** Of the container that runs; the refusal is what client-go makes of the kubelet's (pkg/kubelet/kubelet_pods.go, GetExec). */
  const runningId = async (pod: Pod, container: string) => {
    const running = history(await recordsOf(pod), container).find(r => r.state === 'running')
    if (!running) throw internalError(`unable to upgrade connection: container not found ("${container}")`)
    return running.id
  }
  return {
    async logs(pod, container, { previous, ...options }) {
      const { id } = logSource(pod, container, { previous, records: await recordsOf(pod) })
      return runtime.logs(id, options)
    },
    async exec(pod, container, options) {
      const id = await runningId(pod, container)
      return runtime.exec(id, options).catch(failure('error executing command in container'))
    },
    async attach(pod, container, options) {
      const id = await runningId(pod, container)
      return runtime.attach(id, options).catch(failure('error attaching to container'))
    },
    async portForward(pod, port) {
      const { sandbox } = sandboxOf(await recordsOf(pod))
      const { name, namespace = '' } = pod.metadata
      if (!sandbox) throw internalError(`unable to upgrade connection: pod not found ("${name}_${namespace}")`)
      return runtime.portForward(sandbox.id, port)
    },
  }
}

/** What a client is told of the runtime's failures (cri-streaming, remotecommand). */
function failure(what: string): (error: unknown) => never {
  return error => {
    throw internalError(`${what}: ${error instanceof Error ? error.message : String(error)}`)
  }
}

/** Which attempt's log is meant, or in upstream's words why there is none (pkg/kubelet/kubelet_pods.go, validateContainerLogStatus). */
function logSource(
  pod: Pod,
  container: string,
  { previous, records }: { previous: boolean; records: PodRecords },
): { id: string } {
  const where = `container "${container}" in pod "${pod.metadata.name}"`
  const [newest, before] = history(records, container).filter(r => r.state !== 'created')
  const status = previousStatus(pod, container)
  const { waiting, terminated } = status?.state ?? {}
  // While it waits for its next start, the attempt that ended last is the previous one.
  const wanted = previous && !(newest?.state === 'exited' && waiting) ? before : newest
  if (wanted) return wanted
  if (!status) throw badRequest(`${where} is not available`)
  const last = status.lastState?.terminated
  if (previous && !last?.containerID) throw badRequest(`previous terminated ${where} not found`)
  const gone = (!previous && terminated?.containerID) || last?.containerID
  if (gone) throw badRequest(`unable to retrieve container logs for ${gone}`)
  if (terminated ?? last) throw badRequest(`${where} is terminated`)
  if (!waiting) throw badRequest(`${where} is waiting to start - no logs yet`)
  throw badRequest(`${where} is waiting to start: ${causes[waiting.reason ?? ''] ?? waiting.reason ?? ''}`)
}

const causes: Record<string, string> = {
  ErrImagePull: "image can't be pulled",
  ImagePullBackOff: 'trying and failing to pull image',
}
