import type { Pod } from '../../shared/api/core.ts'
import type { ExecOptions, ExecSession, LogOptions } from '../../shared/machinery/streams.ts'

/**
 * The API server's way to the kubelet of a pod's node; cluster.ts passes it in. Both reject with a StatusError whose
 * message is the kubelet's (BadRequest `container "x" in pod "y" is waiting to start: ContainerCreating`, ...).
 */
export interface KubeletConnector {
  logs(pod: Pod, container: string, options: LogOptions & { previous: boolean }): Promise<AsyncIterable<Uint8Array>>
  exec(pod: Pod, container: string, options: ExecOptions): Promise<ExecSession>
}
