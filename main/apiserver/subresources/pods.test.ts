import { once } from 'node:events'
import { expect, test } from 'vitest'
import { WebSocket } from 'ws'
import type { Pod } from '../../../shared/api/core.ts'
import type { Status } from '../../../shared/api/object.ts'
import { badRequest } from '../../../shared/machinery/status.ts'
import type { ExecOptions, ExecSession } from '../../../shared/machinery/streams.ts'
import type { KubeletConnector } from '../connector.ts'
import { startServer, type TestServer } from '../testing/start-server.ts'

const pods = '/api/v1/namespaces/default/pods'
const container = (name: string) => ({ name, image: 'x' })

/** A shell of sorts: `cat` echoes its input until it ends, `exit N` ends with N, `size` answers with the terminal's. */
function shell(options: ExecOptions): ExecSession {
  const input: (Buffer | undefined)[] = []
  let wake = () => {}
  let width = 0
  const push = (data: Buffer | undefined) => {
    input.push(data)
    wake()
  }
  const [command, argument] = options.command
  async function* output() {
    if (command === 'size') {
      while (width === 0) await new Promise<void>(resolve => (wake = resolve))
      yield { stream: 'stdout' as const, data: Buffer.from(`${width}`) }
    }
    if (command !== 'cat') {
      yield { stream: 'stderr' as const, data: Buffer.from('done') }
      return
    }
    for (;;) {
      while (input.length === 0) await new Promise<void>(resolve => (wake = resolve))
      const data = input.shift()
      if (!data) return
      yield { stream: 'stdout' as const, data }
    }
  }
  return {
    output: output(),
    async write(data) {
      push(Buffer.from(data))
    },
    closeStdin: () => push(undefined),
    resize: size => {
      width = size.width
      wake()
      return Promise.resolve()
    },
    exitCode: Promise.resolve(Number(argument ?? 0)),
    async [Symbol.asyncDispose]() {
      push(undefined)
    },
  }
}

const kubelets: KubeletConnector = {
  exec: (_pod, name, options) =>
    name === 'broken' ? Promise.reject(badRequest('container not running')) : Promise.resolve(shell(options)),
  attach: () => Promise.reject(badRequest('nobody attaches here')),
  portForward: () => Promise.reject(badRequest('nobody listens here')),
  logs: (_pod, name, options) =>
    Promise.resolve(
      (async function* () {
        yield Buffer.from(`${name} ${JSON.stringify({ ...options, signal: undefined })}\n`)
      })(),
    ),
}

async function withPod(spec: object = {}, nodeName = 'n'): Promise<TestServer & { port: number }> {
  const s = await startServer({ kubelets })
  await s.send('POST', '/api/v1/namespaces/default/serviceaccounts', { metadata: { name: 'default' } })
  await s.send('POST', pods, { metadata: { name: 'p' }, spec: { containers: [container('a')], ...spec } })
  if (nodeName !== '')
    await s.send('POST', `${pods}/p/binding`, { metadata: { name: 'p' }, target: { kind: 'Node', name: nodeName } })
  const { port } = await s.server.listen({ host: '127.0.0.1', port: 0 })
  return Object.assign(s, { port })
}

/** Runs a command as a client would: all messages by channel, and the status of channel 3. */
async function exec(
  s: TestServer & { port: number },
  {
    command,
    protocol,
    tty = false,
    send = [],
  }: { command: string[]; protocol: string; tty?: boolean; send?: (Buffer | string)[] },
) {
  const { ca, admin } = s.authorities
  const query = new URLSearchParams([
    ...command.map(part => ['command', part] as [string, string]),
    ['stdin', '1'],
    ['stdout', '1'],
    ['stderr', '1'],
    ['tty', String(tty)],
  ])
  const socket = new WebSocket(`wss://127.0.0.1:${s.port}${pods}/p/exec?${query.toString()}`, [protocol], {
    ca: ca.certificate,
    cert: admin.certificate,
    key: admin.key,
  })
  const output: Record<string, string> = {}
  socket.on('message', (data: Buffer, binary) => {
    const number = binary ? data[0]! : Number(data.toString().slice(0, 1))
    const text = binary ? data.subarray(1).toString() : Buffer.from(data.toString().slice(1), 'base64').toString()
    output[number] = (output[number] ?? '') + text
  })
  socket.on('open', () => send.forEach(message => socket.send(message)))
  await once(socket, 'close')
  return output
}

const on = (channel: number, text: string) => Buffer.concat([Buffer.from([channel]), Buffer.from(text)])

test('exec carries input, its end, output and success', async () => {
  await using s = await withPod()
  const send = [on(0, 'hello '), on(0, 'world'), Buffer.from([255, 0])]
  const output = await exec(s, { command: ['cat'], protocol: 'v5.channel.k8s.io', send })
  expect(output[1]).toBe('hello world')
  expect(JSON.parse(output[3]!)).toMatchObject({ kind: 'Status', status: 'Success' })
})

test('exec tells the exit code', async () => {
  await using s = await withPod()
  const output = await exec(s, { command: ['exit', '7'], protocol: 'v4.channel.k8s.io' })
  expect(output[2]).toBe('done')
  expect(JSON.parse(output[3]!) as Status).toMatchObject({
    status: 'Failure',
    reason: 'NonZeroExitCode',
    message: 'command terminated with non-zero exit code: exit status 7',
    details: { causes: [{ reason: 'ExitCode', message: '7' }] },
  })
})

test('exec resizes the terminal, and speaks base64 to browsers', async () => {
  await using s = await withPod()
  const send = [`4${Buffer.from('{"Width":132,"Height":50}').toString('base64')}`]
  const output = await exec(s, { command: ['size'], protocol: 'v4.base64.channel.k8s.io', tty: true, send })
  expect(output[1]).toBe('132')
})

test('the container is the only one, the annotated one or has to be named', async () => {
  await using s = await withPod({ containers: [container('a'), container('b')], initContainers: [container('i')] })
  const bytes = async (query: Record<string, string>) => {
    const chunks: Uint8Array[] = []
    for await (const chunk of s.admin.bytes({ method: 'GET', path: `${pods}/p/log`, query })) chunks.push(chunk)
    return Buffer.concat(chunks).toString()
  }
  await expect(bytes({})).rejects.toThrow(
    'a container name must be specified for pod p, choose one of: [a b] or one of the init containers: [i]',
  )
  await expect(bytes({ container: 'x' })).rejects.toThrow('container x is not valid for pod p')
  expect(await bytes({ container: 'b', tailLines: '3', previous: 'true' })).toBe(
    'b {"follow":false,"previous":true,"timestamps":false,"tailLines":3}\n',
  )
  await expect(bytes({ container: 'b', tailLines: '-1' })).rejects.toThrow('tailLines: Invalid value: -1')
  const headers = { 'content-type': 'application/merge-patch+json' }
  await s.send(
    'PATCH',
    `${pods}/p`,
    { metadata: { annotations: { 'kubectl.kubernetes.io/default-container': 'b' } } },
    { headers },
  )
  expect(await bytes({})).toMatch(/^b /)
})

test('a pod is bound once', async () => {
  await using s = await withPod()
  const pod = await s.send<Pod>('GET', `${pods}/p`)
  expect(pod.spec.nodeName).toBe('n')
  expect(pod.status?.conditions).toMatchObject([{ type: 'PodScheduled', status: 'True' }])
  const again = await s.refused('POST', `${pods}/p/binding`, {
    metadata: { name: 'p' },
    target: { kind: 'Node', name: 'm' },
  })
  expect(again.message).toBe('Operation cannot be fulfilled on pods/binding "p": pod p is already assigned to node "n"')
})

test('a Binding of its own does what pods/binding does', async () => {
  await using s = await withPod({}, '')
  const binding = { metadata: { name: 'p' }, target: { kind: 'Node', name: 'm' } }
  await s.send('POST', '/api/v1/namespaces/default/bindings', binding)
  expect((await s.send<Pod>('GET', `${pods}/p`)).spec.nodeName).toBe('m')
  const nowhere = await s.refused('POST', `${pods}/p/binding`, { metadata: { name: 'p' }, target: {} })
  expect(nowhere.code).toBe(422)
})

test('admission gives a pod its account, token, tolerations and priority', async () => {
  await using s = await withPod({}, '')
  const { spec } = await s.send<Pod>('GET', `${pods}/p`)
  const volume = spec.volumes?.[0]
  expect(volume?.name).toMatch(/^kube-api-access-.{5}$/)
  expect(volume?.projected?.sources?.[0]?.serviceAccountToken).toEqual({ path: 'token', expirationSeconds: 3607 })
  expect(spec.containers[0]?.volumeMounts).toEqual([
    { name: volume?.name, readOnly: true, mountPath: '/var/run/secrets/kubernetes.io/serviceaccount' },
  ])
  expect(spec).toMatchObject({ serviceAccountName: 'default', priority: 0, preemptionPolicy: 'PreemptLowerPriority' })
  expect(spec.tolerations?.map(toleration => toleration.tolerationSeconds)).toEqual([300, 300])
  const without = await s.send<Pod>('POST', pods, {
    metadata: { name: 'q' },
    spec: { automountServiceAccountToken: false, containers: [container('a')] },
  })
  expect(without.spec.volumes).toBeUndefined()
  const critical = { metadata: { name: 'r' }, spec: { priorityClassName: 'nothing', containers: [container('a')] } }
  expect((await s.refused('POST', pods, critical)).message).toBe(
    'pods "r" is forbidden: no PriorityClass with name nothing was found',
  )
})

test('a pod goes in its own time, which can only be shortened', async () => {
  await using s = await withPod()
  const going = await s.send<Pod>('DELETE', `${pods}/p`)
  expect(going.metadata).toMatchObject({ deletionGracePeriodSeconds: 30 })
  const longer = await s.send<Pod>('DELETE', `${pods}/p`, { gracePeriodSeconds: 60 })
  expect(longer.metadata.deletionTimestamp).toBe(going.metadata.deletionTimestamp)
  const shorter = await s.send<Pod>('DELETE', `${pods}/p`, { gracePeriodSeconds: 10 })
  expect(Date.parse(going.metadata.deletionTimestamp!) - Date.parse(shorter.metadata.deletionTimestamp!)).toBe(20_000)
  await s.send('DELETE', `${pods}/p`, { gracePeriodSeconds: 0, preconditions: { uid: going.metadata.uid } })
  expect((await s.refused('GET', `${pods}/p`)).code).toBe(404)
})

test('an eviction deletes the pod', async () => {
  await using s = await withPod({}, '')
  await s.send('POST', `${pods}/p/eviction`, {
    apiVersion: 'policy/v1',
    kind: 'Eviction',
    metadata: { name: 'p' },
    deleteOptions: { gracePeriodSeconds: 0 },
  })
  expect((await s.refused('GET', `${pods}/p`)).code).toBe(404)
})
