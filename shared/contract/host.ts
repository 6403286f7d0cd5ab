import type { SchedulingDecision } from '../machinery/scheduling-decision.ts'

/**
 * What the window asks of the engine beside the Kubernetes API, in Electron and in a browser alike. Promises are calls,
 * async iterables are streams that end when the reader stops. Errors cross as Status.
 */
export interface Host {
  status(): Promise<HostStatus>
  /** The status now and at each change. */
  watchStatus(): AsyncIterable<HostStatus>
  /** The Kubernetes API: what ApiTransport.request carries (method, path, query, headers, body). */
  request(request: HostRequest): Promise<unknown>
  /** Events of a watch, several to a message when they come fast. */
  watch(request: HostRequest): AsyncIterable<unknown[]>
  /** Bytes of an answer as they come (logs). */
  bytes(request: HostRequest): AsyncIterable<Uint8Array>
  /** What the scheduler found the last time it looked for a node for a pod; undefined if it has not, or long ago. */
  schedulingDecision(pod: { namespace: string; name: string }): Promise<SchedulingDecision | undefined>
  /** Opens a command in a container; the session belongs to the engine and outlives the window. */
  openTerminal(request: TerminalRequest): Promise<TerminalInfo>
  terminals(): Promise<TerminalInfo[]>
  /** The kept output first, then what comes; ends with the session. */
  attachTerminal(id: string): AsyncIterable<Uint8Array>
  writeTerminal(id: string, data: Uint8Array): Promise<void>
  resizeTerminal(id: string, size: { width: number; height: number }): Promise<void>
  closeTerminal(id: string): Promise<void>
  /** What the window keeps between runs (theme, language, widths), as JSON. */
  loadSettings(): Promise<Record<string, unknown>>
  saveSettings(settings: Record<string, unknown>): Promise<void>
}

export interface HostRequest {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  path: string
  query?: Record<string, string | string[]>
  headers?: Record<string, string>
  body?: unknown
}

export interface HostStatus {
  cluster: string
  /** `v1.36.0` */
  version: string
  state: 'starting' | 'running' | 'stopping' | 'failed'
  /** Why it failed or what it waits for; '' if all is well. */
  message: string
  server: string
  kubeconfig: string
  runtime: 'docker' | 'simulated'
  /** The engine behind the pods: version, or why it can't be reached and what to do. */
  docker: { state: 'ready' | 'unreachable' | 'starting' | 'absent'; version: string; message: string }
  /** The engine process itself: bytes resident, cores busy since the last look (0.02 is 2 %), milliseconds since the epoch. */
  process: { pid: number; memory: number; cpu: number; startedAt: number }
}

export interface TerminalRequest {
  namespace: string
  pod: string
  container: string
  /** Undefined: the first shell found of bash, sh. */
  command?: string[]
  width: number
  height: number
}

export interface TerminalInfo {
  id: string
  namespace: string
  pod: string
  container: string
  command: string[]
  state: 'running' | 'ended'
  exitCode?: number
  /** Why it ended when there is no exit code. */
  message?: string
}
