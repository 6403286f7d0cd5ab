import type { Status } from '../../../shared/api/object.ts'
import type { Pod } from '../../../shared/api/core.ts'
import type { ExecOptions } from '../../../shared/machinery/streams.ts'
import { badRequest } from '../../../shared/machinery/status.ts'
import type { KubeletConnector } from '../connector.ts'
import type { ServerResponse } from '../request.ts'
import { toStatus } from '../to-status.ts'
import type { ResourceCall } from '../verbs/resource-call.ts'
import { createRemoteCommand, protocols, type RemoteCommand } from './remote-command.ts'
import { containerOf, podOf } from './pod-container.ts'
import type { Subresource } from './subresource.ts'

/** `pods/exec`: a command in a running container over a WebSocket, which Go clients ask for with GET. */
export function execSubresource(kubelets: KubeletConnector): Subresource {
  const act = (call: ResourceCall) => exec(call, kubelets)
  return { name: 'exec', kind: 'PodExecOptions', verbs: { get: act, create: act } }
}

async function exec(call: ResourceCall, kubelets: KubeletConnector): Promise<ServerResponse> {
  const { context, resource, name, core } = call
  // A WebSocket begins with GET, and whoever may only read must not run commands (KEP-4006).
  await context.authorize('create')
  const { query, upgrade } = context.request
  const pod = podOf(call)
  const container = containerOf(pod, query.get('container') ?? '')
  const options = execOptions(query)
  if (!pod.spec.nodeName) throw badRequest(`pod ${name} does not have a host assigned`)
  if (['Succeeded', 'Failed'].includes(pod.status?.phase ?? '')) {
    const phase = pod.status?.phase ?? ''
    throw badRequest(`cannot exec into a container in a completed pod; current phase is ${phase}`)
  }
  if (!upgrade) throw badRequest('Upgrade request required')
  return {
    status: 101,
    headers: {},
    protocols,
    serve: channel => {
      const command = createRemoteCommand(channel)
      const fail = (error: unknown) => command.finish(toStatus(error, { ref: resource.ref, log: core.log }).status)
      run({ kubelets, pod, container, options, command }).catch(fail)
    },
  }
}

function execOptions(query: URLSearchParams): ExecOptions {
  const flag = (name: string) => ['true', '1', ''].includes(query.get(name) ?? 'false')
  const tty = flag('tty')
  const options = {
    command: query.getAll('command'),
    stdin: flag('stdin'),
    stdout: flag('stdout'),
    // A terminal has one output.
    stderr: flag('stderr') && !tty,
    tty,
  }
  if (!options.stdin && !options.stdout && !options.stderr)
    throw badRequest('you must specify at least 1 of stdin, stdout, stderr')
  if (options.command.length === 0) throw badRequest('you must specify the command')
  return options
}

interface Running {
  kubelets: KubeletConnector
  pod: Pod
  container: string
  options: ExecOptions
  command: RemoteCommand
}

async function run({ kubelets, pod, container, options, command }: Running): Promise<void> {
  await using session = await kubelets.exec(pod, container, options)
  command.attach(session)
  // The client going away ends the session, and with it the output.
  for await (const { stream, data } of session.output) {
    if (command.closed) return
    await command.send(stream, data)
  }
  command.finish(exitStatus(await session.exitCode))
}

/** Success, or the exit code as kubectl and client-go expect it (client-go/tools/remotecommand, v4 protocol). */
function exitStatus(code: number): Status {
  if (code === 0) return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success' }
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: `command terminated with non-zero exit code: exit status ${code}`,
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: String(code) }] },
    code: 500,
  }
}
