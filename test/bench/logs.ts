import { request } from 'node:http'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import Docker from 'dockerode'
import { podbay, startEngine } from '../helpers/engine.ts'
import { createKubectl, type Kubectl } from '../helpers/kubectl.ts'
import { shellImage, shellPod } from '../helpers/shell-pod.ts'
import { median, type Row } from './measure.ts'

const rounds = 3
/** 30 MB, less than what is kept of a container's log (5 files of 10 MiB, JSON included). */
const lines = 250_000
/** Numbered lines, as many as the engine takes. */
const script = `yes ${'x'.repeat(112)} | head -n ${lines} | cat -n`
const name = `bench-logs-${process.pid}`

/** What arrived of a log. */
interface Arrived {
  megabytes: number
  seconds: number
  lost: number
}

/**
 * A log that is followed while it is written, and one that is read when it is complete: by kubectl through Podbay, and by
 * the Docker Engine's own API. Lines that are not there in the end are lost.
 */
export async function benchLogs(): Promise<Row[]> {
  const directory = await mkdtemp(join(tmpdir(), 'podbay-bench-'))
  const dataDir = join(directory, 'data')
  const engine = await startEngine({ name, dataDir })
  const docker = new Docker()
  try {
    const kubectl = createKubectl(engine.kubeconfig)
    await kubectl.ok(['wait', `node/${name}-node`, '--for=create', '--timeout=120s'])
    await kubectl.ok(['wait', `node/${name}-node`, '--for=condition=Ready', '--timeout=120s'])
    const measured = { 'Docker API': [] as Arrived[][], kubectl: [] as Arrived[][] }
    // In turn, so that both meet the same moods of the machine.
    for (let round = 0; round < rounds; round++) {
      measured['Docker API'].push(await byDocker(docker))
      measured.kubectl.push(await byKubectl(kubectl, `writer-${round}`))
    }
    return Object.entries(measured).flatMap(([by, rows]) =>
      ['followed as it is written', 'read when complete'].flatMap((how, place) => {
        const runs = rows.flatMap(row => row[place] ?? [])
        return [
          { name: `log ${how}, by ${by}`, value: median(runs.map(run => run.megabytes / run.seconds)), unit: 'MB/s' },
          {
            name: `lines lost of ${lines.toLocaleString('en')}`,
            value: median(runs.map(({ lost }) => lost)),
            unit: '',
          },
        ]
      }),
    )
  } finally {
    await engine.end('SIGTERM')
    podbay('delete', '--name', name, '--data-dir', dataDir)
    await rm(directory, { recursive: true, force: true })
  }
}

async function byKubectl(kubectl: Kubectl, pod: string): Promise<Arrived[]> {
  await kubectl.ok(['apply', '-f', '-'], JSON.stringify(shellPod(pod, script, { spec: { restartPolicy: 'Never' } })))
  await kubectl.ok(['wait', `pod/${pod}`, '--for=jsonpath={.status.containerStatuses[0].containerID}', '--timeout=60s'])
  const arrived = []
  for (const flags of [['--follow'], []]) arrived.push(await take(kubectl.start(['logs', pod, ...flags]).stdout))
  await kubectl.ok(['delete', 'pod', pod, '--now'])
  return arrived
}

async function byDocker(docker: Docker): Promise<Arrived[]> {
  const LogConfig = { Type: 'json-file', Config: { 'max-size': '10m', 'max-file': '5' } }
  const HostConfig = { NetworkMode: 'none', LogConfig }
  const container = await docker.createContainer({ Image: shellImage.image, Cmd: ['sh', '-c', script], HostConfig })
  await container.start()
  const arrived = []
  for (const follow of [true, false]) arrived.push(await take(await dockerLog(container.id, follow)))
  await container.remove({ force: true })
  return arrived
}

/** The client library gathers what it is not told to follow. */
function dockerLog(id: string, follow: boolean): Promise<Readable> {
  const path = `/containers/${id}/logs?stdout=true&stderr=true&follow=${follow}`
  return new Promise((resolve, reject) => {
    request({ socketPath: '/var/run/docker.sock', path, host: 'docker' }, resolve).once('error', reject).end()
  })
}

/** Headers of frames count as text. Time counts from the first byte on: a container takes a while to start. */
async function take(log: Readable): Promise<Arrived> {
  let bytes = 0
  let count = 0
  let begun = 0
  for await (const line of createInterface({ input: log })) {
    begun ||= performance.now()
    bytes += line.length + 1
    count++
  }
  return { megabytes: bytes / 1e6, seconds: (performance.now() - begun) / 1000, lost: lines - count }
}
