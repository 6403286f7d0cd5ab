import { watch } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import type { Node, Pod } from '../../../shared/api/core.ts'
import { toMicroTime, toTime, type Clock } from '../../../shared/machinery/clock.ts'
import type { Logger } from '../../../shared/machinery/log.ts'
import { isNotFound, StatusError } from '../../../shared/machinery/status.ts'
import { firstSeen, localUid, readManifests } from './manifest.ts'
import type { Mirrors } from './mirrors.ts'

/** Runs the pods of a directory's manifests, and shows each in the API by a mirror. */
export interface StaticPods extends Disposable {
  /** Resolves when what is there now is known and begun with; rejects if that can't be read. */
  begin: () => Promise<void>
  /** A manifest, a mirror or the node has changed. */
  changed: () => void
  /** Whether a static pod has the name of this one: it gets its mirror when an ordinary pod gives that back. */
  hasName: (pod: Pod) => boolean
  /** Nothing is left of a pod that was to end; whether it was a static one. */
  ended: (uid: string) => boolean
  /** The uid that a pod has in the API; undefined while a static pod has no mirror. */
  apiUid: (pod: Pod) => string | undefined
}

interface Options {
  /** Made if it is missing, in one that is there; undefined: no manifests, only mirrors that were left behind. */
  directory: string | undefined
  nodeName: string
  mirrors: Mirrors
  /** The mirrors of this node that the API has. */
  shown: () => Pod[]
  node: () => Node | undefined
  /** Takes up a pod, or one that is known as it is now. */
  run: (pod: Pod) => void
  clock: Clock
  log: Logger
}

const retryAfter = 10_000

/**
 * Level-based, one round at a time: reads the manifests, ends what none names any more, then gives each pod its mirror and
 * lets it run. The directory is watched, not polled (pkg/kubelet/config/file_linux.go). A pod whose mirror is refused for
 * its content does not run; one whose mirror is refused by admission does, as upstream's.
 */
export function createStaticPods(options: Options): StaticPods {
  const { directory, nodeName, mirrors, shown, node, run, clock, log } = options
  const running = new Map<string, Pod>()
  let again = false
  let round: Promise<void> | undefined
  let watcher: Disposable | undefined
  let retry: Disposable | undefined
  let stopped = false
  let failure: unknown
  /** What was wrong in the last round, which this one does not tell again, and in this one. */
  let told = new Set<string>()
  let telling = new Set<string>()
  const isOver = () => stopped

  const fullName = ({ metadata }: Pod) => `${metadata.namespace ?? ''}/${metadata.name}`
  const mirrorOf = (pod: Pod) => shown().find(mirror => fullName(mirror) === fullName(pod))

  async function manifests(): Promise<Pod[]> {
    if (directory === undefined) return []
    await makeDirectory(directory)
    watcher ??= watchDirectory(directory)
    const { pods, errors } = await readManifests(directory, nodeName)
    for (const error of errors) tell(error.message, () => log.error('A manifest is left out', { error }))
    return pods
  }
  function watchDirectory(path: string): Disposable {
    const watching = watch(path, { persistent: false }, changed)
    watching.on('error', error => log.error('Manifests are not watched any more', { error }))
    return { [Symbol.dispose]: () => watching.close() }
  }

  function tell(what: string, say: () => void) {
    telling.add(what)
    if (!told.has(what)) say()
  }

  async function reconcile(): Promise<void> {
    telling = new Set()
    await look()
    told = telling
  }

  async function look(): Promise<void> {
    const wanted = new Map((await manifests()).map(pod => [pod.metadata.uid, pod]))
    for (const [uid, pod] of running) if (!wanted.has(uid)) end(uid, pod)
    const home = node()
    if (!home) return
    for (const pod of wanted.values()) await keep(pod, home)
    const names = new Set([...running.values(), ...wanted.values()].map(fullName))
    for (const mirror of shown()) if (!names.has(fullName(mirror))) await mirrors.remove(mirror)
  }

  /** Ends as if it were deleted with its own grace period. */
  function end(uid: string, pod: Pod) {
    if (pod.metadata.deletionTimestamp !== undefined) return
    const deletionGracePeriodSeconds = pod.spec.terminationGracePeriodSeconds ?? 30
    const metadata = { ...pod.metadata, deletionTimestamp: toTime(clock.now()), deletionGracePeriodSeconds }
    const ending = { ...pod, metadata }
    running.set(uid, ending)
    run(ending)
  }

  async function keep(pod: Pod, home: Node): Promise<void> {
    const { uid } = pod.metadata
    const known = running.get(uid)
    // What the manifest said before ends first.
    if ([...running].some(([other, before]) => other !== uid && fullName(before) === fullName(pod))) return
    let mirror = mirrorOf(pod)
    if (mirror && (mirror.metadata.deletionTimestamp !== undefined || localUid(mirror) !== uid)) {
      await mirrors.remove(mirror)
      mirror = undefined
    }
    const taken = known ?? firstSeen(pod, toMicroTime(clock.now()))
    try {
      mirror ??= await mirrors.ensure(taken, home)
    } catch (error) {
      const name = fullName(pod)
      tell(`${name}: ${String(error)}`, () => log.error('A static pod has no mirror', { pod: name, error }))
      // Its namespace may come.
      if (isNotFound(error)) retryLater()
      if (isMalformed(error)) return
    }
    const next = showing(known ?? { ...taken, spec: mirror?.spec ?? pod.spec }, mirror)
    running.set(uid, next)
    if (!stopped) run(next)
  }

  function changed() {
    again = true
    round ??= rounds().finally(() => {
      round = undefined
      if (again && !stopped) changed()
    })
  }
  async function rounds(): Promise<void> {
    while (again && !stopped) {
      again = false
      failure = undefined
      try {
        await reconcile()
      } catch (error) {
        failure = error
        if (isOver()) return
        log.error('Static pods could not be looked after', { error })
        retryLater()
      }
    }
  }
  function retryLater() {
    retry?.[Symbol.dispose]()
    if (!stopped) retry = clock.setTimeout(changed, retryAfter)
  }

  return {
    async begin() {
      changed()
      await round
      if (failure !== undefined) throw new Error('static pods are not known', { cause: failure })
    },
    changed,
    hasName: pod => [...running.values()].some(each => fullName(each) === fullName(pod)),
    ended(uid) {
      const was = running.delete(uid)
      if (was) changed()
      return was
    },
    apiUid: pod => (running.has(pod.metadata.uid) ? mirrorUid(mirrorOf(pod), pod) : pod.metadata.uid),
    [Symbol.dispose]() {
      stopped = true
      watcher?.[Symbol.dispose]()
      retry?.[Symbol.dispose]()
    },
  }
}

/** Not with its parents: data that were removed while the engine runs must not come back as an empty tree. */
async function makeDirectory(directory: string): Promise<void> {
  try {
    await mkdir(directory)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  }
}

const isMalformed = (error: unknown) => error instanceof StatusError && [400, 422].includes(error.code)

const mirrorUid = (mirror: Pod | undefined, pod: Pod) =>
  mirror && localUid(mirror) === pod.metadata.uid ? mirror.metadata.uid : undefined

/** A static pod with the status, and at the revision, that its mirror has. */
function showing(pod: Pod, mirror: Pod | undefined): Pod {
  const { status: _, ...rest } = pod
  if (!mirror) return pod
  const { resourceVersion = '0', generation } = mirror.metadata
  const metadata = { ...pod.metadata, resourceVersion, ...(generation !== undefined && { generation }) }
  return { ...rest, metadata, ...(mirror.status && { status: mirror.status }) }
}
