import { badRequest } from '../../../shared/machinery/status.ts'
import type { Pod } from '../../../shared/api/core.ts'
import type { ExecSession } from '../../../shared/machinery/streams.ts'
import type { ServerResponse } from '../request.ts'
import { connectCommand } from '../subresources/command.ts'
import type { WantedStreams } from '../subresources/command-streams.ts'
import { connectPorts, portsOf } from '../subresources/port-forward.ts'
import { toStatus } from '../to-status.ts'
import { podOn, text, type Asked } from './kubelet-answer.ts'

interface Where {
  pod: Pod
  container: string
}

/** `<namespace>/<pod>/[<uid>/]<container>`; undefined if the node has no such pod. */
function whereOf(asked: Asked, [namespace = '', name = '', ...rest]: readonly string[]): Where | undefined {
  const pod = podOn(asked, namespace, name)
  const [uid, container = uid ?? ''] = rest
  if (!pod || (rest.length > 1 && pod.metadata.uid !== uid)) return undefined
  return { pod, container }
}

const noPod = () => text(404, 'pod does not exist')

/**
 * `/exec/...` and `/attach/...`: the streams that the query asks for. Who may only read must not run commands, though
 * upstream's kubelet lets whoever can get `nodes/proxy`.
 */
export async function streamed(
  asked: Asked,
  how: 'exec' | 'attach',
  names: readonly string[],
): Promise<ServerResponse> {
  const { kubelets, core, request, authorize } = asked
  await authorize('create')
  const where = whereOf(asked, names)
  if (!where) return noPod()
  const { pod, container } = where
  const wanted = wantedStreams(request.query)
  const command = request.query.getAll('command')
  return connectCommand({
    request,
    clock: core.clock,
    wanted,
    open: () =>
      how === 'exec' ? kubelets.exec(pod, container, { ...wanted, command }) : kubelets.attach(pod, container, wanted),
    refusal: error => toStatus(error, { log: core.log }).status,
  })
}

/** cri-streaming/pkg/streaming/remotecommand, NewOptions. */
function wantedStreams(query: URLSearchParams): WantedStreams {
  const flag = (name: string) => query.get(name) === '1'
  const tty = flag('tty')
  return { stdin: flag('input'), stdout: flag('output'), stderr: flag('error') && !tty, tty }
}

/** `/portForward/<namespace>/<pod>[/<uid>]` */
export async function portForwarded(asked: Asked, names: readonly string[]): Promise<ServerResponse> {
  const { kubelets, core, request, authorize } = asked
  await authorize('create')
  const [namespace = '', name = '', uid] = names
  const pod = podOn(asked, namespace, name)
  if (!pod) return noPod()
  if (uid !== undefined && pod.metadata.uid !== uid) return text(404, 'pod not found')
  const ports = portsOf(request.query.getAll('port'))
  return connectPorts({ request, clock: core.clock, pod, ports, open: port => kubelets.portForward(pod, port) })
}

/** `/run/...`: what a command says, both streams together; 500 with the reason if it fails. It ends with its client. */
export async function run(asked: Asked, names: readonly string[]): Promise<ServerResponse> {
  const { kubelets, request } = asked
  const where = whereOf(asked, names)
  if (!where) return noPod()
  const { pod, container } = where
  const command = (request.query.get('cmd') ?? '').split(' ')
  if (command[0] === '') throw badRequest('you must specify the command')
  const options = { command, stdin: false, stdout: true, stderr: true, tty: false }
  await using session = await kubelets.exec(pod, container, options)
  const { code, stdout, stderr } = await outcomeOf(session, request.signal)
  if (code !== 0) return text(500, `command '${command.join(' ')}' exited with ${code}: ${stderr}`)
  return { ...text(200, stdout + stderr), headers: { 'content-type': 'application/json' } }
}

/** Bytes that are heard of a command, as many as a CRI's answer holds (maxMsgSize of cri-client); it may say more. */
const longestOutput = 16 * 2 ** 20

async function outcomeOf(session: ExecSession, signal: AbortSignal) {
  const said = { stdout: [] as Uint8Array[], stderr: [] as Uint8Array[] }
  let left = longestOutput
  const end = () => void session[Symbol.asyncDispose]()
  signal.addEventListener('abort', end, { once: true })
  try {
    signal.throwIfAborted()
    for await (const { stream, data } of session.output) {
      const heard = data.subarray(0, left)
      left -= heard.length
      if (heard.length > 0) said[stream].push(heard)
    }
    const textOf = (parts: Uint8Array[]) => Buffer.concat(parts).toString()
    return { code: await session.exitCode, stdout: textOf(said.stdout), stderr: textOf(said.stderr) }
  } catch (error) {
    throw signal.aborted ? badRequest('the client is gone') : error
  } finally {
    signal.removeEventListener('abort', end)
  }
}
