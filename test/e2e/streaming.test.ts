import { Attach, Cp, Exec, KubeConfig, Log, PortForward } from '@kubernetes/client-node'
import { spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { get } from 'node:http'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { PassThrough } from 'node:stream'
import { buffer, text } from 'node:stream/consumers'
import { beforeAll, describe, expect, it } from 'vitest'
import type { V1Status } from '@kubernetes/client-node'
import { withoutDocker } from '../helpers/docker.ts'
import { useCluster } from '../helpers/cluster.ts'
import { eventually } from '../helpers/eventually.ts'
import { createKubectl, type Kubectl } from '../helpers/kubectl.ts'

const manifest = readFileSync(join(import.meta.dirname, 'streaming.yaml'), 'utf8')
const bySpdy = { KUBECTL_REMOTE_COMMAND_WEBSOCKETS: 'false', KUBECTL_PORT_FORWARD_WEBSOCKETS: 'false' }
const shell = ['--image=podbay.test/shell:1', '--image-pull-policy=IfNotPresent']

describe.skipIf(withoutDocker)('streams', () => {
  const cluster = useCluster('streams')

  beforeAll(async () => {
    await cluster.apply(manifest)
    await cluster.ready('box')
  })

  /** Forwards ports and gives `use` the local one of each. */
  async function forwarding(kubectl: Kubectl, args: string[], use: (local: number[]) => Promise<void>) {
    const child = kubectl.start(['port-forward', ...args.map(arg => (/^\d+$/.test(arg) ? `:${arg}` : arg))])
    const closed = new Promise(resolve => child.once('close', resolve))
    const wanted = args.filter(arg => /^\d+$/.test(arg))
    try {
      const found = new Map<string, number>()
      for await (const line of createInterface({ input: child.stdout })) {
        const [, local, remote] = /^Forwarding from 127\.0\.0\.1:(\d+) -> (\d+)/.exec(line) ?? []
        if (local !== undefined && remote !== undefined) found.set(remote, Number(local))
        if (found.size === wanted.length) break
      }
      await use([...found.values()])
    } finally {
      child.kill()
      await closed
    }
  }

  const fetched = (port: number, path: string) =>
    new Promise<string>((resolve, reject) => {
      const request = get({ host: '127.0.0.1', port, path, agent: false }, answer => resolve(text(answer)))
      request.on('error', reject)
    })

  describe.each([
    ['WebSockets', {}],
    ['SPDY', bySpdy],
  ] as const)('of kubectl by %s', (kind, env) => {
    const own = kind.toLowerCase()
    let kubectl: Kubectl
    beforeAll(() => {
      kubectl = createKubectl(cluster.engine.kubeconfig, undefined, env)
    })

    it('exec passes input, both outputs and the exit code', async () => {
      const script = 'cat; echo fault >&2; exit 7'
      const result = await kubectl.run(['exec', '-i', 'box', '-c', 'shell', '--', 'sh', '-c', script], 'typed\n')
      expect(result).toMatchObject({ code: 7, stdout: 'typed\n' })
      expect(result.output).toContain('fault')
    })

    it('exec -it has a terminal of the size of the own', async () => {
      const command = `stty rows 33 cols 101; ${process.env['KUBECTL'] ?? 'kubectl'} --kubeconfig ${cluster.engine.kubeconfig} exec -it box -c shell -- sh -c 'sleep 1; stty size'`
      const child = spawn('script', ['-qec', command, '/dev/null'], { env: { ...process.env, ...env } })
      expect(await text(child.stdout)).toContain('33 101')
    })

    it('says what is wrong with a container', async () => {
      expect((await kubectl.run(['exec', 'box', '-c', 'none', '--', 'true'])).output).toContain(
        'container none is not valid for pod box',
      )
    })

    it('attach talks to the container that runs', async () => {
      const child = kubectl.start(['attach', '-i', 'box', '-c', 'shell'])
      const closed = new Promise(resolve => child.once('close', resolve))
      child.stdin.write(`${own}\n`)
      for await (const line of createInterface({ input: child.stdout })) if (line === `got ${own}`) break
      child.kill()
      await closed
    })

    it('run -i --rm gives a command its input, tells its exit code and removes its pod', async () => {
      const run = ['run', '-i', '--rm', '--restart=Never', `run-${own}`, ...shell, '--', 'sh', '-c', 'cat; exit 3']
      const result = await kubectl.run(run, 'from the client\n')
      expect(result.code).toBe(3)
      expect(result.stdout).toContain('from the client\n')
      expect((await kubectl.run(['get', 'pod', `run-${own}`])).output).toContain('not found')
    })

    it('cp carries a large file there and back', async () => {
      const there = join(cluster.dataDir, `there-${own}`)
      const back = join(cluster.dataDir, `back-${own}`)
      const data = randomBytes(24 << 20)
      writeFileSync(there, data)
      await kubectl.ok(['cp', there, `box:/tmp/${own}`, '-c', 'shell'])
      await kubectl.ok(['cp', `box:/tmp/${own}`, back, '-c', 'shell'])
      expect(readFileSync(back).equals(data)).toBe(true)
    })

    it('port-forward reaches several ports, again and again', async () => {
      await forwarding(kubectl, ['pod/box', '8080', '7000'], async ([http = 0, loopback = 0]) => {
        const answers = await Promise.all([
          ...[1, 2, 3].map(() => fetched(http, '/')),
          ...[1, 2].map(() => fetched(loopback, '/word')),
        ])
        expect(answers).toEqual(['box\n', 'box\n', 'box\n', 'loopback\n', 'loopback\n'])
        expect(await fetched(http, '/')).toBe('box\n')
      })
    })

    it('port-forward finds a pod of a Service', async () => {
      await forwarding(kubectl, ['service/box', '80'], async ([port = 0]) => {
        expect(await fetched(port, '/')).toBe('box\n')
      })
    })

    it('debug looks into a running container, and makes a copy', async () => {
      const look = ['debug', '-i', 'box', `-c=look-${own}`, ...shell.slice(0, 1), '--target=shell', '--profile=general']
      const script = 'tr "\\0" " " </proc/1/cmdline; read -r word; echo "and $word"'
      expect((await kubectl.run([...look, '--', 'sh', '-c', script], 'more\n')).output).toContain('and more')
      const logs = await kubectl.ok(['logs', 'box', '-c', `look-${own}`])
      expect(logs).toMatch(/^sh -c mkdir \/www;/)
      const copy = [`--copy-to=copy-${own}`, '--container=shell', '--', 'sleep', '1000']
      await kubectl.ok(['debug', 'box', ...shell.slice(0, 1), ...copy])
      await kubectl.ok(['wait', `pod/copy-${own}`, '--for=condition=Ready', '--timeout=60s'])
      await kubectl.ok(['delete', 'pod', `copy-${own}`, '--wait=false'])
    })
  })

  it('logs -f goes on until the pod has ended', async () => {
    const { kubectl } = cluster
    const script = 'for word in one two three; do echo $word; sleep 0.5; done'
    await kubectl.ok(['run', 'talker', '--restart=Never', ...shell, '--', 'sh', '-c', script])
    await kubectl.ok(['wait', 'pod/talker', '--for=jsonpath={.status.containerStatuses[0].started}', '--timeout=60s'])
    expect(await kubectl.ok(['logs', '-f', 'talker'])).toBe('one\ntwo\nthree\n')
  })

  describe('of @kubernetes/client-node', () => {
    let config: KubeConfig
    beforeAll(() => {
      config = new KubeConfig()
      config.loadFromFile(cluster.engine.kubeconfig)
    })

    it('exec passes input and outputs, and tells the outcome', async () => {
      const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()]
      const command = ['sh', '-c', 'read -r word; echo "got $word"; exit 5']
      const outcome = Promise.withResolvers<V1Status>()
      await new Exec(config).exec('default', 'box', 'shell', command, stdout, stderr, stdin, false, outcome.resolve)
      stdin.write('ping\n')
      expect(await outcome.promise).toMatchObject({ status: 'Failure', details: { causes: [{ message: '5' }] } })
      expect(String(stdout.read())).toBe('got ping\n')
    })

    it('attach talks to the container that runs', async () => {
      const [stdin, stdout] = [new PassThrough(), new PassThrough()]
      const socket = await new Attach(config).attach('default', 'box', 'shell', stdout, null, stdin, false)
      stdin.write('node\n')
      for await (const line of createInterface({ input: stdout })) if (line === 'got node') break
      socket.close()
    })

    it('port-forward carries a connection', async () => {
      const [request, answer] = [new PassThrough(), new PassThrough()]
      await new PortForward(config).portForward('default', 'box', [8080], answer, null, request)
      request.write('GET / HTTP/1.0\r\n\r\n')
      let words = ''
      for await (const chunk of answer as AsyncIterable<Buffer>) {
        words += chunk.toString()
        if (words.endsWith('box\n')) break
      }
      expect(words).toMatch(/^HTTP\/1\.[01] 200 OK/)
    })

    it('cp carries a file there and back', async () => {
      const cp = new Cp(config)
      const { kubectl } = cluster
      // It carries what is in a directory.
      const [there, back] = [join(cluster.dataDir, 'there'), join(cluster.dataDir, 'back')]
      const data = randomBytes(1 << 20)
      mkdirSync(there)
      mkdirSync(back)
      writeFileSync(join(there, 'parcel'), data)
      // Its promises settle when the command has begun.
      await cp.cpToPod('default', 'box', 'shell', there, '/tmp')
      const sum = createHash('sha256').update(data).digest('hex')
      await eventually(async () => {
        expect(await kubectl.ok(['exec', 'box', '-c', 'shell', '--', 'sha256sum', '/tmp/parcel'])).toContain(sum)
      })
      await cp.cpFromPod('default', 'box', 'shell', 'parcel', back, '/tmp')
      await eventually(() => expect(readFileSync(join(back, 'parcel')).equals(data)).toBe(true))
    })

    it('log follows', async () => {
      const words = new PassThrough()
      await new Log(config).log('default', 'talker', 'talker', words, { follow: true })
      expect((await buffer(words)).toString()).toBe('one\ntwo\nthree\n')
    })
  })
})
