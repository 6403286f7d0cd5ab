import type { ObjectKey } from '../../shared/api/object.ts'
import type { ApiRequest, ApiTransport } from '../../shared/client/client.ts'
import { abortable } from '../../shared/contract/abortable.ts'
import type { Host, HostRequest } from '../../shared/contract/host.ts'
import type { Clock } from '../../shared/machinery/clock.ts'
import type { Logger } from '../../shared/machinery/log.ts'
import type { SchedulingDecision } from '../../shared/machinery/scheduling-decision.ts'
import { badRequest } from '../../shared/machinery/status.ts'
import { batches } from './batch.ts'
import { createSettings } from './settings.ts'
import { createStatusFeed, type ProcessMeter, type StatusSource } from './status-feed.ts'
import { createTerminals, type OpenExec } from './terminals.ts'

export interface HostOptions {
  status: StatusSource
  /** Acts as the window's user. */
  transport: ApiTransport
  openExec: OpenExec
  decision: (pod: ObjectKey) => SchedulingDecision | undefined
  /** A path; the file need not exist. */
  settingsFile: string
  clock: Clock
  log: Logger
  /** Tests pass their own. */
  meter?: ProcessMeter
}

/** Events of a watch that wait for a slow window before the API server's own back-pressure takes over. */
const maxEvents = 500
/** Chunks of a log joined to one message. */
const maxChunks = 64

/**
 * The engine's side of the window. Serve the same value to every window; disposing it ends the terminal sessions.
 * What it is called with comes from a page, so arguments are checked where a wrong one could do more than fail.
 */
export function createHost({ status, transport, clock, log, ...options }: HostOptions): Host & AsyncDisposable {
  const terminals = createTerminals({ openExec: options.openExec, log })
  const settings = createSettings(options.settingsFile, log)
  const feed = createStatusFeed({ source: status, clock, ...(options.meter && { meter: options.meter }) })

  return {
    status: async () => feed.current(),
    watchStatus: () => feed.watch(),
    request: async request => transport.request(toApiRequest(request)),
    watch(request) {
      const apiRequest = toApiRequest(request)
      return batches(signal => transport.watch({ ...apiRequest, signal }), maxEvents)
    },
    bytes(request) {
      const apiRequest = toApiRequest(request)
      return abortable(async function* (signal) {
        const chunks = batches(
          inner => transport.bytes({ ...apiRequest, signal: AbortSignal.any([signal, inner]) }),
          maxChunks,
        )
        for await (const batch of chunks) yield Buffer.concat(batch)
      })
    },
    schedulingDecision: async ({ namespace, name }) => options.decision({ namespace, name }),
    openTerminal: request => terminals.open(request),
    terminals: async () => terminals.list(),
    attachTerminal: id => terminals.attach(id),
    async writeTerminal(id, data) {
      if (!(data instanceof Uint8Array)) throw badRequest('terminal input must be bytes')
      await terminals.write(id, data)
    },
    resizeTerminal: (id, size) => terminals.resize(id, size),
    closeTerminal: id => terminals.close(id),
    loadSettings: () => settings.load(),
    saveSettings: value => settings.save(value),
    [Symbol.asyncDispose]: () => terminals[Symbol.asyncDispose](),
  }
}

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']

/** Only what HostRequest names goes on: a signal or identity can't be smuggled in. */
function toApiRequest(request: HostRequest): ApiRequest {
  const { method, path, query, headers, body } = request
  if (!methods.includes(method)) throw badRequest(`method ${JSON.stringify(method)} is not supported`)
  if (typeof path !== 'string' || !path.startsWith('/')) throw badRequest('the path must start with /')
  return { method, path, ...(query && { query }), ...(headers && { headers }), ...(body !== undefined && { body }) }
}
