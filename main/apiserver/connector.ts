import type { Duplex } from 'node:stream'
import type { Pod } from '../../shared/api/core.ts'
import type { AttachOptions, ExecOptions, ExecSession, LogOptions } from '../../shared/machinery/streams.ts'

/** What `nodes/proxy` asks of a kubelet's own API (pkg/kubelet/server), without a body. */
interface KubeletRequest {
  method: string
  /** `/pods`, `/containerLogs/default/web-0/web` */
  path: string
  query: URLSearchParams
  signal: AbortSignal
}

interface KubeletAnswer {
  status: number
  contentType: string
  /** Where the client should ask instead, if there is such a place. */
  location?: string
  body: Iterable<Uint8Array> | AsyncIterable<Uint8Array>
}

/**
 * The API server's way to the kubelet of a pod's node; cluster.ts passes it in. All reject with a StatusError whose
 * message is the kubelet's (BadRequest `container "x" in pod "y" is waiting to start: ContainerCreating`, ...).
 */
export interface KubeletConnector {
  logs(pod: Pod, container: string, options: LogOptions & { previous: boolean }): Promise<AsyncIterable<Uint8Array>>
  exec(pod: Pod, container: string, options: ExecOptions): Promise<ExecSession>
  /** Connects with the streams of the container's own process. */
  attach(pod: Pod, container: string, options: AttachOptions): Promise<ExecSession>
  /** A connection to what listens on the pod's own loopback. It may break with the reason if nothing does. */
  portForward(pod: Pod, port: number): Promise<Duplex>
  /** Undefined: the kubelet does not serve the path. */
  api?(nodeName: string, request: KubeletRequest): Promise<KubeletAnswer | undefined>
}
