import { Resolver } from 'node:dns/promises'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openTunnel } from '../../../main/kubelet/docker/agent/tunnel.ts'
import { createNetworkNamespaces } from '../../../main/kubelet/docker/agent/network-namespace.ts'
import { isLocalAddress } from '../../../main/kubelet/docker/network.ts'
import { createDialer } from '../../../main/network/dialer.ts'
import { createDns } from '../../../main/network/dns/dns.ts'
import { createServiceProxy, type ServiceProxy } from '../../../main/network/service-proxy/service-proxy.ts'
import { aService, aSlice, createWorld, populate } from '../../../main/network/world.fixture.ts'
import { nodes } from '../../../shared/api/core.ts'
import { endpointSlices } from '../../../shared/api/discovery.ts'
import { silent } from '../../../shared/machinery/log.ts'
import { eventually } from '../../helpers/eventually.ts'
import { withoutDocker } from '../../helpers/docker.ts'
import {
  clock,
  clusterName,
  createTestNode,
  execute,
  removeAll,
  runContainer,
  runSandbox,
  type TestNode,
} from './node.ts'

const cluster = clusterName('network')
/** Less than a test has, so that the last error is told. */
const limit = 20_000
const serve = (answer: string) => ['sh', '-c', `while :; do echo ${answer} | nc -l -p 8080 >/dev/null; done`]

describe.skipIf(withoutDocker)('network of pods', () => {
  const world = createWorld()
  const open = new AsyncDisposableStack()
  let node: TestNode
  let proxy: ServiceProxy
  let client: string
  let clientSandbox: string
  let dnsPort: number
  let servers: string[]
  let serverIds: string[]
  const chat = () => aSlice('chat', [{ addresses: [servers[0]!] }], { ports: [{ name: 'http', port: 9000 }] })

  beforeAll(async () => {
    node = await createTestNode(cluster)
    const { gateway } = await node.network()
    const dns = createDns({
      informers: world.informers,
      domain: 'cluster.local',
      resolvers: () => [],
      clock,
      log: silent,
    })
    await node.agent.run('true')
    const { port } = open.use(await dns.listen(gateway))
    dnsPort = port
    const dnsPorts = [
      { name: 'dns', protocol: 'UDP' },
      { name: 'dns-tcp', protocol: 'TCP' },
    ]
    proxy = open.use(
      createServiceProxy({
        informers: world.informers,
        namespaces: createNetworkNamespaces(node),
        nodeContainer: () => node.agent.containerId(),
        engine: async () => ({ host: gateway, ip: gateway }),
        node: 'n1',
        serviceRange: '10.96.0.0/16',
        clock,
        log: silent,
      }),
    )
    node.onAgentLost(() => proxy.recheck())
    const sandboxes = await Promise.all(['one', 'two', 'client'].map(uid => runSandbox(node, uid)))
    servers = sandboxes.slice(0, 2).map(({ ip }) => ip)
    clientSandbox = sandboxes[2]!.id
    populate(world, {
      services: [
        aService('kube-dns', { clusterIP: '10.96.0.10', ports: dnsPorts.map(of => ({ ...of, port: 53 })) }),
        aService('web', { clusterIP: '10.96.0.5' }),
        aService('none', { clusterIP: '10.96.0.6' }),
        aService('pets', { clusterIP: 'None' }),
        aService('chat', { clusterIP: '10.96.0.7' }),
        aService('out', {
          type: 'NodePort',
          clusterIP: '10.96.0.8',
          ports: [{ name: 'http', port: 80, nodePort: 30080, protocol: 'TCP' }],
        }),
        aService('far', {
          type: 'LoadBalancer',
          clusterIP: '10.96.0.9',
          externalTrafficPolicy: 'Local',
          healthCheckNodePort: 30500,
        }),
      ],
      slices: [
        aSlice('kube-dns', [{ addresses: [gateway] }], { ports: dnsPorts.map(of => ({ ...of, port })) }),
        chat(),
        aSlice(
          'web',
          servers.map(ip => ({ addresses: [ip] })),
        ),
        aSlice(
          'out',
          servers.map(ip => ({ addresses: [ip] })),
        ),
        aSlice('pets', [{ addresses: [servers[0]!], hostname: 'pet-0' }]),
      ],
    })
    const addresses = [{ type: 'InternalIP', address: await node.agent.address() }]
    world.put(nodes, { metadata: { name: 'n1', uid: 'n1' }, status: { addresses } })
    for (const sandbox of sandboxes) await proxy.setUp(sandbox, [])
    serverIds = await Promise.all(
      sandboxes.slice(0, 2).map((sandbox, n) => runContainer(node, sandbox, { command: serve(`server-${n}`) })),
    )
    const { agent } = node
    const resolvConf = '/var/lib/podbay/resolv.conf'
    await agent.mustRun(
      `echo 'nameserver 10.96.0.10\nsearch default.svc.cluster.local\noptions ndots:5' >${resolvConf}`,
    )
    client = await runContainer(node, sandboxes[2]!, {
      mounts: [{ containerPath: '/etc/resolv.conf', hostPath: resolvConf, readOnly: true }],
    })
  })
  afterAll(async () => {
    await open.disposeAsync()
    await node.agent.run('rm -f /var/lib/podbay/resolv.conf')
    await node[Symbol.asyncDispose]()
    await removeAll(cluster)
  })

  const run = (script: string) => execute(node, client, ['sh', '-c', script])

  it('names resolve in a pod, over UDP and TCP', async () => {
    expect((await run('getent ahostsv4 web | head -1')).stdout).toMatch(/^10\.96\.0\.5 /)
    expect((await run('getent ahostsv4 pet-0.pets.default.svc.cluster.local | head -1')).stdout).toContain(servers[0])
    expect((await run('RES_OPTIONS=use-vc getent ahostsv4 web | head -1')).stdout).toMatch(/^10\.96\.0\.5 /)
    expect((await run('getent hosts nothing.default.svc.cluster.local')).code).not.toBe(0)
  })

  it('a Service answers at its name with all its pods, one without endpoints refuses at once', async () => {
    const { stdout } = await run('for n in $(seq 30); do nc -w 2 web 80 </dev/null; done')
    expect(new Set(stdout.trim().split('\n'))).toEqual(new Set(['server-0', 'server-1']))
    const refused = await run(
      'nc -w 5 10.96.0.6 80 </dev/null; nc -w 5 10.96.0.5 81 </dev/null; nc -w 5 10.96.77.7 80 </dev/null',
    )
    expect(refused.stderr.match(/refused/g)).toHaveLength(3)
  })

  it('follows changes of endpoints, and keeps connections that are open', async () => {
    const talk = (id: string, command: string[]) =>
      node.runtime.exec(id, { command, stdin: true, stdout: true, stderr: true, tty: false })
    await using server = await talk(serverIds[0]!, ['nc', '-l', '-p', '9000'])
    const heard = server.output[Symbol.asyncIterator]()
    await eventuallyListens(serverIds[0]!, 9000)
    await using caller = await talk(client, ['nc', '10.96.0.7', '80'])
    await caller.write(Buffer.from('hello'))
    expect(Buffer.from((await heard.next()).value.data).toString()).toBe('hello')

    world.put(endpointSlices, aSlice('web', [{ addresses: [servers[1]!] }]))
    world.remove(endpointSlices, chat())
    await proxy.setUp({ id: clientSandbox, ip: '' }, []) // waits its turn behind the changes
    const { stdout } = await run(
      'for n in $(seq 10); do nc -w 2 web 80 </dev/null; done; nc -w 2 10.96.0.7 80 </dev/null',
    )
    expect(new Set(stdout.trim().split('\n'))).toEqual(new Set(['server-1']))
    await caller.write(Buffer.from('still here'))
    expect(Buffer.from((await heard.next()).value.data).toString()).toBe('still here')
  })

  async function eventuallyListens(id: string, port: number) {
    const script = `until grep -q ":$(printf %04X ${port}) .* 0A " /proc/net/tcp /proc/net/tcp6; do sleep 0.05; done`
    await execute(node, id, ['sh', '-c', script])
  }

  /** What a port says to a caller outside of the cluster. */
  async function call(host: string, port: number): Promise<string> {
    const dial = createDialer({ direct: async () => true, tunnel: target => openTunnel(node.agent, target) })
    const stream = await dial({ host, port })
    const [data] = (await once(stream, 'data')) as [Buffer]
    stream.destroy()
    return data.toString()
  }

  it('a node port answers at the address of the node: to pods, to the node and to those outside', async () => {
    const address = await node.agent.address()
    const inside = (await run(`for n in $(seq 20); do nc -w 2 ${address} 30080 </dev/null; done`)).stdout
    expect(new Set(inside.trim().split('\n'))).toEqual(new Set(['server-0', 'server-1']))
    for (const at of [`${address} 30080`, '10.96.0.8 80'])
      expect(await eventually(() => node.agent.mustRun(`nc -w 2 ${at} </dev/null`))).toMatch(/^server-/)
    // The servers take one caller at a time, and are away between two.
    expect(await eventually(() => call(address, 30080))).toMatch(/^server-/)
  })

  it('a health check port answers at the address of the node: to pods, to the node and to those outside', async () => {
    const address = await node.agent.address()
    const ask = `printf 'GET / HTTP/1.0\\r\\n\\r\\n' | nc -w 5 ${address} 30500`
    expect((await run(ask)).stdout).toContain('HTTP/1.1 503')
    expect(await node.agent.mustRun(ask)).toContain('"localEndpoints": 0')
    expect((await fetch(`http://${address}:30500/`)).status).toBe(503)
  })

  it('host ports answer where they were asked for: at the address of the node, on its loopback, over TCP and UDP', async () => {
    const address = await node.agent.address()
    const sandbox = await runSandbox(node, 'holder')
    await runContainer(node, sandbox, { command: serve('holder') })
    const at = (hostIP: string, protocol: string, containerPort = 8080) => [
      { hostIP, hostPort: 54323, containerPort, protocol },
    ]
    const ask = (host: string) => `nc -w 2 ${host} 54323 </dev/null`
    await proxy.setUp(sandbox, at('127.0.0.1', 'TCP'))
    expect(await eventually(() => node.agent.mustRun(ask('127.0.0.1')), limit)).toBe('holder\n')
    expect((await run(ask(address))).stderr).toContain('refused')

    await proxy.setUp(sandbox, at('', 'TCP'))
    expect(await eventually(() => node.agent.mustRun(ask(address)), limit)).toBe('holder\n')
    await eventually(async () => expect((await run(ask(address))).stdout).toBe('holder\n'), limit)
    expect(await eventually(() => call(address, 54323), limit)).toBe('holder\n')

    // What the pod listens to over UDP is the resolver here.
    await proxy.setUp({ ...sandbox, ip: (await node.network()).gateway }, at(address, 'UDP', dnsPort))
    const resolver = new Resolver({ timeout: 1_000, tries: 1 })
    resolver.setServers([`${address}:54323`])
    expect(await resolver.resolve4('web.default.svc.cluster.local')).toEqual(['10.96.0.5'])
    expect((await run(ask(address))).stderr).toContain('refused')

    await proxy.tearDown(sandbox)
    await proxy.setUp({ id: clientSandbox, ip: '' }, []) // waits its turn
    await expect(resolver.resolve4('web.default.svc.cluster.local')).rejects.toThrow()
    await node.runtime.removeSandbox(sandbox.id)
  })

  it('an agent that is made anew gets the rules of its node at once', async () => {
    const before = await node.agent.containerId()
    await node.docker.getContainer(before).remove({ force: true })
    await eventually(async () => {
      const now = await node.agent.containerId()
      expect(now).not.toBe(before)
      expect(await node.agent.mustRun('nft list map ip podbay ports')).toMatch(/10.96.0.8 . (6|tcp) . 80 /)
    }, limit)
  })

  it('does not enter a namespace of another process when a sandbox is gone', async () => {
    const gone = await runSandbox(node, 'gone')
    await node.runtime.stopSandbox(gone.id)
    expect(await createNetworkNamespaces(node).run([gone.id], 'exit 1', '')).toEqual(new Map())
  })

  it('is reached from here, directly or through the agent', async () => {
    const { gateway } = await node.network()
    expect(await isLocalAddress(gateway)).toBe(true)
    for (const direct of [true, false]) {
      const dial = createDialer({ direct: async () => direct, tunnel: target => openTunnel(node.agent, target) })
      // The server listens anew after each connection.
      await eventually(async () => {
        const stream = await dial({ host: servers[0]!, port: 8080 })
        const [data] = (await once(stream, 'data')) as [Buffer]
        expect(data.toString()).toBe('server-0\n')
        stream.destroy()
      })
    }
  })

  it('keeps of networks of one name the one that is in use', async () => {
    const { docker } = node
    const { id } = await node.network()
    const duplicate = { Name: `podbay-${cluster}`, Driver: 'bridge', CheckDuplicate: false }
    // Engines from 25.0 on refuse what earlier ones do for those who ask at once.
    await docker.createNetwork(duplicate).catch((error: unknown) => expect(error).toMatchObject({ statusCode: 409 }))
    expect(await Promise.all([node.network(), node.network()])).toMatchObject([{ id }, { id }])
    const { ip } = await runSandbox(node, 'afterwards')
    expect(ip.split('.', 2)).toEqual(servers[0]!.split('.', 2))
  })

  it('reaches what listens at the gateway', async () => {
    const { gateway } = await node.network()
    const server = createServer(socket => socket.end('engine\n')).listen(0, gateway)
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    expect((await run(`nc -w 2 ${gateway} ${port} </dev/null`)).stdout).toBe('engine\n')
    server.close()
  })
})
