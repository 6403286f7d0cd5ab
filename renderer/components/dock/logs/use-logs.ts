import { computed, onScopeDispose, ref, shallowRef, watch, type ComputedRef, type Ref, type ShallowRef } from 'vue'
import type { Pod } from '../../../../shared/api/core.ts'
import { isNotFound, StatusError } from '../../../../shared/machinery/status.ts'
import { errorText } from '../../../error-text.ts'
import type { Message } from '../../../i18n/message.ts'
import { wait } from '../../../live/wait.ts'
import { useSession } from '../../../session.ts'
import { followLog, keptLog, type LogSource } from './follow-log.ts'
import { createLogBuffer, type LogBuffer } from './log-buffer.ts'
import { toLogLine, type LogLine } from './log-line.ts'
import { runOf, type Run } from './log-sources.ts'

/** A container whose log is in the view; its place in the list is the `source` of its lines. */
export interface ViewSource extends LogSource {
  uid: string
  /** Where the pod was put. */
  node: string
  /** The run that is read last; undefined before the container's first. */
  run: Run | undefined
  /** The pod is no more. */
  gone: boolean
}

export interface Logs {
  buffer: LogBuffer
  /** Every source there was since the view opened, so that gone pods stay choosable. */
  sources: ShallowRef<readonly ViewSource[]>
  /** Grows with every change of the buffer; at most once a frame. */
  version: Ref<number>
  /** How the last change moved the shown lines. */
  change: ShallowRef<{ removed: number; added: number }>
  /** Why a source that is still there can't be read, by its place. */
  failures: ComputedRef<ReadonlyMap<number, Message | string>>
  /** The first answer is still to come. */
  loading: Ref<boolean>
}

interface Wanted {
  pods: readonly Pod[]
  /** Names the choice below: another one is another view, read from the start. */
  selection: string
  /** Which containers of a pod. */
  containers: (pod: Pod) => readonly string[]
  previous: boolean
  tailLines: number | undefined
}

/** Lines kept; the oldest go first. */
export const most = 100_000
/** Between attempts at a log that broke off. */
const pause = 1_000

/**
 * The logs of containers as one stream of lines, from now until the scope ends. A container that starts again is
 * followed into its next run; a reading that breaks off goes on where it was.
 */
export function useLogs(wanted: () => Wanted, words: { ended: (source: ViewSource, run: Run) => string }): Logs {
  const { transport, link } = useSession()
  const buffer = createLogBuffer(most)
  const sources = shallowRef<readonly ViewSource[]>([])
  const version = ref(0)
  const change = shallowRef({ removed: 0, added: 0 })
  const failed = shallowRef<ReadonlyMap<number, Message | string>>(new Map())
  const failures = computed(() => new Map([...failed.value].filter(([place]) => !sources.value[place]?.gone)))
  const loading = ref(true)
  const ended = new AbortController()
  onScopeDispose(() => ended.abort())

  /** Lines that wait for the next frame: a burst costs one change. */
  let arrived: LogLine[] = []
  let lastId = 0
  let asked = false
  function add(lines: LogLine[]): void {
    arrived.push(...lines)
    if (asked) return
    asked = true
    nextFrame(() => {
      asked = false
      if (ended.signal.aborted) return
      const lot = arrived
      arrived = []
      change.value = buffer.add(lot)
      loading.value = false
      version.value++
    })
  }

  function setFailure(place: number, message: Message | string | undefined): void {
    const next = new Map(failed.value)
    if (message === undefined) next.delete(place)
    else next.set(place, message)
    failed.value = next
    loading.value = false
  }

  async function read(
    place: number,
    source: ViewSource,
    signal: AbortSignal,
    tailLines: number | undefined,
  ): Promise<void> {
    let after = ''
    while (!signal.aborted) {
      const take = async (log: AsyncIterable<string[]>) => {
        for await (const lines of log) {
          const parsed = lines.map(line => toLogLine(line, place, ++lastId))
          after = parsed.findLast(({ time }) => time !== '')?.time ?? after
          add(parsed)
          setFailureIfAny(place)
        }
        setFailureIfAny(place)
      }
      const takeKept = async (): Promise<boolean> => {
        if (!source.run) return false
        const attempt = source.run.attempt - (source.previous ? 1 : 0)
        const rest = keptLog(transport, { ...source, attempt }, { after, signal })
        return take(rest).then(
          () => true,
          () => false,
        )
      }
      try {
        const log = followLog(transport, source, { follow: true, tailLines, after, signal })
        const kept = await take(log).then(
          () => false,
          async (error: unknown) => {
            // The pod is gone: its node may have kept the rest.
            if (isNotFound(error) && (await takeKept())) return true
            throw error
          },
        )
        if (kept) return
        const run = current(place)?.run
        if (source.previous || !run?.running) return
      } catch (error) {
        const gone = error instanceof StatusError && error.code !== 503
        setFailure(place, errorText(error))
        if (gone) return
      }
      await wait(pause, signal)
      await link.opened()
    }
  }
  function setFailureIfAny(place: number): void {
    if (failed.value.has(place) || loading.value) setFailure(place, undefined)
  }
  const current = (place: number) => sources.value[place]

  /** What is being read, by the run's key. */
  const reading = new Map<string, AbortController>()
  const marked = new Set<string>()

  function follow(place: number, source: ViewSource, run: Run, { previous, tailLines }: Wanted): void {
    const key = `${previous ? 'previous/' : ''}${run.key}`
    if (!reading.has(key)) {
      const abort = new AbortController()
      reading.set(key, abort)
      // A run that began while the view was open is read from its beginning.
      const first = ![...reading.keys()].some(
        other => other !== key && other.includes(`${source.uid}/${source.container}/`),
      )
      void read(place, source, AbortSignal.any([abort.signal, ended.signal]), first ? tailLines : undefined)
    }
    if (run.ended && !previous && !marked.has(run.key)) {
      marked.add(run.key)
      const ms = Date.parse(run.ended.at) || Date.now()
      // A terminated container's time has whole seconds; its last lines may be of the same one.
      add([
        {
          id: ++lastId,
          time: '',
          ms: ms + 999,
          source: place,
          text: words.ended(source, run),
          level: undefined,
          mark: true,
        },
      ])
    }
  }

  let settings = ''
  watch(
    wanted,
    next => {
      const { pods, containers, previous, tailLines } = next
      const now = `${String(previous)} ${String(tailLines)} ${next.selection}`
      if (now !== settings) restart()
      settings = now
      const known = sources.value.map((source): ViewSource => ({ ...source, gone: true }))
      const chosen = pods.flatMap(pod => containers(pod).map(container => ({ pod, container })))
      const follows: (() => void)[] = []
      for (const { pod, container } of chosen) {
        const { namespace = '', name, uid } = pod.metadata
        const run = runOf(pod, container)
        const node = pod.spec.nodeName ?? ''
        const source: ViewSource = { namespace, pod: name, container, previous, uid, node, run, gone: false }
        const at = known.findIndex(other => other.uid === uid && other.container === container)
        const place = at < 0 ? known.length : at
        known[place] = source
        if (run && !(previous && run.attempt === 0)) follows.push(() => follow(place, source, run, next))
      }
      sources.value = known
      if (follows.length === 0) loading.value = false
      for (const start of follows) start()
    },
    { immediate: true },
  )

  function restart(): void {
    for (const abort of reading.values()) abort.abort()
    reading.clear()
    marked.clear()
    arrived = []
    buffer.clear()
    sources.value = []
    failed.value = new Map()
    loading.value = true
    version.value++
  }

  return { buffer, sources, version, change, failures, loading }
}

/** Frames stop in a hidden window; its lines must not, or they would pile up. */
function nextFrame(fn: () => void): void {
  if (document.hidden) setTimeout(fn, 250)
  else requestAnimationFrame(fn)
}
