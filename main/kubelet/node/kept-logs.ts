import { mkdir, readdir, rm, rmdir, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Clock } from '../../../shared/machinery/clock.ts'
import type { Logger } from '../../../shared/machinery/log.ts'
import { filesIn, type LogFiles } from '../container/log-files.ts'
import type { ContainerRecord, Runtime } from '../runtime.ts'

/**
 * The last output of containers that were removed with their pods, so that the evidence outlives them:
 * `pods/<namespace>_<pod>_<uid>/<container>/<attempt>.log`, each line with its time, as `kubectl logs --timestamps` prints it.
 */
export interface KeptLogs {
  readonly files: LogFiles
  /** To be called before a container is removed. Never rejects: a container goes, whatever becomes of its log. */
  readonly keep: (container: ContainerRecord) => Promise<void>
}

interface Options {
  /** Of this node alone; made when there is something to keep. */
  directory: string
  runtime: Runtime
  clock: Clock
  log: Logger
  limits?: KeptLimits
}

/** The oldest files go first. */
interface KeptLimits {
  /** Bytes of a container's log. */
  container: number
  /** Bytes of all logs of a node. */
  node: number
  files: number
}

const defaultLimits: KeptLimits = { container: 256 * 1024, node: 32 * 2 ** 20, files: 4096 }

const lastLines = 5_000
/** An engine that does not answer must not keep pods from going. */
const patience = 5_000
const privateFile = { mode: 0o600 } as const

interface KeptFile {
  path: string
  size: number
}

export function createKeptLogs({ directory, runtime, clock, log, limits = defaultLimits }: Options): KeptLogs {
  const { container: ofContainer, node: ofNode } = limits
  let index: Promise<KeptFile[]> | undefined

  async function keep({ id, pod, name, attempt, startedAt }: ContainerRecord): Promise<void> {
    if (startedAt === 0) return
    const text = await last(id)
    if (text.length === 0) return
    const path = join(directory, 'pods', `${pod.namespace}_${pod.name}_${pod.uid}`, name, `${attempt}.log`)
    const known = await (index ??= filesBelow(directory))
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    await writeFile(path, text, privateFile)
    const before = known.findIndex(file => file.path === path)
    if (before >= 0) known.splice(before, 1)
    known.push({ path, size: text.length })
    await shrink(known)
  }

  /** Whole lines, as many of the last as there is room for. */
  async function last(id: string): Promise<Buffer> {
    const late = new AbortController()
    using _ = clock.setTimeout(() => late.abort(), patience)
    const options = { follow: false, timestamps: true, tailLines: lastLines, signal: late.signal }
    let chunks: Uint8Array[] = []
    let size = 0
    for await (const chunk of runtime.logs(id, options)) {
      chunks.push(chunk)
      size += chunk.length
      if (size < 2 * ofContainer) continue
      chunks = [Buffer.concat(chunks).subarray(-ofContainer)]
      size = ofContainer
    }
    const all = Buffer.concat(chunks)
    if (all.length < ofContainer) return all
    const end = all.subarray(-ofContainer)
    return end.subarray(end.indexOf('\n') + 1)
  }

  async function shrink(known: KeptFile[]): Promise<void> {
    let total = known.reduce((sum, { size }) => sum + size, 0)
    while (total > ofNode || known.length > limits.files) {
      const oldest = known.shift()
      if (!oldest) return
      total -= oldest.size
      await rm(oldest.path, { force: true })
      const container = dirname(oldest.path)
      // A directory goes with the last that is in it.
      for (const empty of [container, dirname(container)]) await rmdir(empty).catch(() => undefined)
    }
  }

  return {
    files: filesIn(directory),
    async keep(container) {
      try {
        await keep(container)
      } catch (error) {
        const { namespace, name } = container.pod
        log.error('Cannot keep the log of a container', {
          pod: `${namespace}/${name}`,
          container: container.name,
          error,
        })
      }
    },
  }
}

/** Oldest first. */
async function filesBelow(directory: string): Promise<KeptFile[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch(() => [])
  const files = entries.filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name))
  const found = await Promise.all(
    files.map(async path => {
      const { size, mtimeMs } = await stat(path)
      return { path, size, at: mtimeMs }
    }),
  )
  return found.sort((a, b) => a.at - b.at).map(({ path, size }) => ({ path, size }))
}
