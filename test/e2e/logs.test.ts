import { text } from 'node:stream/consumers'
import { createInterface } from 'node:readline'
import { describe, expect, it } from 'vitest'
import { useCluster } from '../helpers/cluster.ts'
import { withoutDocker } from '../helpers/docker.ts'
import { eventually } from '../helpers/eventually.ts'
import { shellImage, shellPod, untilEnded } from '../helpers/shell-pod.ts'

const shell = (name: string, script: string) => ({ name, ...shellImage, command: ['sh', '-c', script] })
/** As the API writes times, in nine digits. */
const time = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z`

describe.skipIf(withoutDocker)(`kubectl logs on Docker ${withoutDocker}`, () => {
  const cluster = useCluster('logs')
  const logs = (...args: string[]) => cluster.kubectl.ok(['logs', ...args])
  const refusal = async (...args: string[]) => {
    const { code, output } = await cluster.kubectl.run(['logs', ...args])
    expect(code).toBe(1)
    return output
  }

  it('shows the parts that are asked for', async () => {
    const containers = [
      shell('a', `printf 'one\ntwo\nthree\n'; ${untilEnded}`),
      shell('b', `echo "b's" >&2; ${untilEnded}`),
    ]
    const pod = shellPod('parts', '', { spec: { containers } })
    await cluster.apply({ ...pod, metadata: { ...pod.metadata, labels: { app: 'parts' } } })
    await cluster.ready('parts')
    await eventually(async () => expect(await logs('parts', '-c', 'a')).toBe('one\ntwo\nthree\n'))
    await eventually(async () => expect(await logs('parts', '-c', 'b')).toBe("b's\n"))

    expect(await logs('parts', '-c', 'a', '--tail=2')).toBe('two\nthree\n')
    expect(await logs('parts', '-c', 'a', '--tail=0')).toBe('')
    expect(await logs('parts', '-c', 'a', '--limit-bytes=5')).toBe('one\nt')
    expect(await logs('parts', '-c', 'a', '--since=1h')).toBe('one\ntwo\nthree\n')
    expect(await logs('parts', '-c', 'a', '--since-time=2099-01-01T00:00:00Z')).toBe('')
    expect(await logs('parts', '-c', 'a', '--since-time=2020-01-01T00:00:00Z', '--tail=1')).toBe('three\n')
    expect(await logs('parts', '-c', 'a', '--timestamps')).toMatch(
      new RegExp(`^${time} one\n${time} two\n${time} three\n$`),
    )
    expect(await logs('parts', '--all-containers')).toBe("one\ntwo\nthree\nb's\n")
    expect((await logs('-l', 'app=parts', '--all-containers', '--prefix')).split('\n').sort()).toEqual(
      ['', '[pod/parts/a] one', '[pod/parts/a] three', '[pod/parts/a] two', "[pod/parts/b] b's"].sort(),
    )
    expect(await refusal('parts', '-c', 'none')).toContain('container none is not valid for pod parts')
    expect(await refusal('parts', '-c', 'a', '--previous')).toBe(
      'Error from server (BadRequest): previous terminated container "a" in pod "parts" not found\n',
    )
  })

  it('follows from the end on, until the container ends and not over its next start', async () => {
    const script = 'echo begun; while [ ! -e /data/go ]; do sleep 0.1; done; rm /data/go; echo ended; exit 3'
    const container = { volumeMounts: [{ name: 'data', mountPath: '/data' }] }
    await cluster.apply(shellPod('again', script, { container, spec: { volumes: [{ name: 'data', emptyDir: {} }] } }))
    await cluster.ready('again')
    await eventually(async () => expect(await logs('again')).toBe('begun\n'))
    const followed = text(cluster.kubectl.start(['logs', '-f', 'again']).stdout)
    const withTime = text(cluster.kubectl.start(['logs', '-f', 'again', '--tail=1', '--timestamps']).stdout)
    await cluster.inPod('again', 'touch /data/go')
    expect(await followed).toBe('begun\nended\n')
    expect(await withTime).toMatch(new RegExp(`^(${time} begun\n)?${time} ended\n$`))
    await eventually(async () => expect(await logs('again', '--previous')).toBe('begun\nended\n'))
    await eventually(async () => expect(await logs('again')).toBe('begun\n'))
  })

  it('loses no line of those who follow while files are rotated, and shows all of them after', async () => {
    const count = 120_000
    const script = `echo 0; while [ ! -e /go ]; do sleep 0.1; done
      awk 'BEGIN { for (i = 1; i <= ${count}; i++) print "${'x'.repeat(100)}", i }'`
    await cluster.apply(shellPod('flood', script, { spec: { restartPolicy: 'Never' } }))
    await cluster.ready('flood')
    const numbers = async (kubectl: ReturnType<typeof cluster.kubectl.start>, onFirst?: () => void) => {
      const seen: number[] = []
      for await (const line of createInterface({ input: kubectl.stdout })) {
        if (seen.push(Number(line.split(' ').at(-1))) === 1) onFirst?.()
      }
      return seen
    }
    const expected = Array.from({ length: count + 1 }, (_, number) => number)
    const begun = [1, 2].map(() => Promise.withResolvers<undefined>())
    const followed = begun.map(({ resolve }) =>
      numbers(cluster.kubectl.start(['logs', '-f', 'flood']), () => resolve(undefined)),
    )
    await Promise.all(begun.map(({ promise }) => promise))
    await cluster.inPod('flood', 'touch /go')
    for (const seen of await Promise.all(followed)) expect(seen).toEqual(expected)
    expect(await numbers(cluster.kubectl.start(['logs', 'flood']))).toEqual(expected)
    expect(await numbers(cluster.kubectl.start(['logs', 'flood', '--tail=90000']))).toEqual(expected.slice(-90_000))
  })

  it('says why there is nothing yet', async () => {
    const never = { image: 'podbay.invalid/none:1', imagePullPolicy: 'Never' } as const
    await cluster.apply(shellPod('never', '', { container: never }))
    await eventually(async () =>
      expect(await refusal('never')).toBe(
        'Error from server (BadRequest): container "c" in pod "never" is waiting to start: ErrImageNeverPull\n',
      ),
    )
    const unscheduled = { nodeSelector: { nowhere: 'at-all' } }
    await cluster.apply(shellPod('nowhere', '', { spec: unscheduled }))
    expect(await logs('nowhere')).toBe('')
    const first = { initContainers: [shell('init', untilEnded)] }
    await cluster.apply(shellPod('waits', '', { spec: first }))
    await eventually(async () => expect(await logs('waits', '-c', 'init')).toBe(''))
    expect(await refusal('waits', '-c', 'c')).toBe(
      'Error from server (BadRequest): container "c" in pod "waits" is waiting to start: PodInitializing\n',
    )
  })
})
