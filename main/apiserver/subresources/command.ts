import type { Pod } from '../../../shared/api/core.ts'
import type { Status } from '../../../shared/api/object.ts'
import type { Clock } from '../../../shared/machinery/clock.ts'
import type { ExecSession } from '../../../shared/machinery/streams.ts'
import { badRequest } from '../../../shared/machinery/status.ts'
import type { ServerRequest, ServerResponse } from '../request.ts'
import { toStatus } from '../to-status.ts'
import type { ResourceCall } from '../verbs/resource-call.ts'
import { admitConnect } from './connect.ts'
import { webSocketProtocols, webSocketStreams, type CommandStreams, type WantedStreams } from './command-streams.ts'
import { containerOf, podOf } from './pod-container.ts'
import { queryFlag } from './query-flag.ts'
import { runCommand } from './run-command.ts'
import { spdyProtocols, spdyStreams } from './spdy-streams.ts'
import { asksForSpdy, asksForWebSocket, spdyUpgrade } from './upgrade.ts'

interface Command {
  /** Of the options that the query holds. */
  kind: 'PodExecOptions' | 'PodAttachOptions'
  /** Which the options have beside streams and container. */
  options: object
  open: (pod: Pod, container: string, wanted: WantedStreams) => Promise<ExecSession>
}

/** Answers exec and attach: streams over a WebSocket or SPDY, whichever the client asks for. */
export async function command(call: ResourceCall, { kind, options, open }: Command): Promise<ServerResponse> {
  const { context, name, core, resource } = call
  const { query } = context.request
  const wanted = wantedStreams(query)
  const asked = query.get('container') ?? ''
  const flags = Object.fromEntries(Object.entries(wanted).filter(([, is]) => is))
  await admitConnect(call, { kind, apiVersion: 'v1', ...flags, ...(asked !== '' && { container: asked }), ...options })
  // A WebSocket begins with GET, and whoever may only read must not run commands (KEP-4006).
  await context.authorize('create')
  const pod = podOf(call)
  const container = containerOf(pod, asked)
  if (!pod.spec.nodeName) throw badRequest(`pod ${name} does not have a host assigned`)
  return connectCommand({
    request: context.request,
    clock: core.clock,
    wanted,
    open: () => open(pod, container, wanted),
    refusal: error => toStatus(error, { ref: resource.ref, log: core.log }).status,
  })
}

interface Connection {
  request: ServerRequest
  clock: Clock
  wanted: WantedStreams
  open: () => Promise<ExecSession>
  /** What the client is told of why the command can't run. */
  refusal: (error: unknown) => Status
}

/** Switches to a WebSocket or SPDY, whichever the client asks for, and runs a command with its streams. */
export function connectCommand({ request, clock, wanted, open, refusal }: Connection): ServerResponse {
  if (!wanted.stdin && !wanted.stdout && !wanted.stderr)
    throw badRequest('you must specify at least 1 of stdin, stdout, stderr')
  const serve = (streams: CommandStreams) => {
    runCommand(streams, open).then(streams.finish, (error: unknown) => streams.finish(refusal(error)))
  }
  if (asksForSpdy(request)) {
    return spdyUpgrade(request, spdyProtocols, (connection, protocol) => {
      spdyStreams({ connection, protocol, wanted, clock }).then(serve, () => undefined)
    })
  }
  if (!asksForWebSocket(request)) throw badRequest('Upgrade request required')
  return {
    status: 101,
    headers: {},
    protocols: webSocketProtocols,
    serve: channel => serve(webSocketStreams(channel, wanted)),
  }
}

function wantedStreams(query: URLSearchParams): WantedStreams {
  const tty = queryFlag(query, 'tty')
  return {
    stdin: queryFlag(query, 'stdin'),
    stdout: queryFlag(query, 'stdout'),
    // A terminal has one output.
    stderr: queryFlag(query, 'stderr') && !tty,
    tty,
  }
}
