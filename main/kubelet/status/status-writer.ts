import { pods } from '../../../shared/api/core.ts'
import type { Pod } from '../../../shared/api/core.ts'
import type { Client } from '../../../shared/client/client.ts'
import { sleep } from '../../../shared/client/sleep.ts'
import type { Clock } from '../../../shared/machinery/clock.ts'
import type { Logger } from '../../../shared/machinery/log.ts'
import { isConflict, isNotFound, StatusError } from '../../../shared/machinery/status.ts'
import { statusPatch } from './status-patch.ts'
import type { PodStatus } from './pod-status.ts'
import { createTerminations, type Termination } from '../pod/terminations.ts'

/** Writes pod statuses: only what changed, the newest only, one at a time per pod, again until it is written. */
export interface StatusWriter {
  /** Wants `status` for `pod`; `pod` as the informer has it. */
  set(pod: Pod, status: PodStatus): void
  /** The pod as last seen or written, whichever is newer. */
  latest(pod: Pod): Pod
  /** Whether someone has overwritten the readiness that was written last: the node controller does, of a node that is not ready. */
  overruled(pod: Pod): boolean
  /** Resolves when what was set so far is written, or can't be because the pod is gone. */
  flush(uid: string): Promise<void>
  forget(uid: string): void
  /** The ends of containers that the statuses told of so far. */
  terminations(): Iterable<Termination>
}

interface Entry {
  pod: Pod
  wanted: PodStatus
  writing?: Promise<void>
}

const retryDelay = 1000

interface Options {
  client: Client
  /** The uid that a pod has in the API; undefined: it isn't there yet. */
  apiUid?: (pod: Pod) => string | undefined
  clock: Clock
  log: Logger
  signal: AbortSignal
}

export function createStatusWriter({
  client,
  apiUid = ({ metadata }) => metadata.uid,
  clock,
  log,
  signal,
}: Options): StatusWriter {
  const entries = new Map<string, Entry>()
  const terminations = createTerminations()

  /** Returns what it has dealt with last. */
  async function write(entry: Entry): Promise<PodStatus> {
    for (;;) {
      const { pod, wanted } = entry
      const uid = apiUid(pod)
      const body = signal.aborted || uid === undefined ? undefined : statusPatch(withUid(pod, uid), wanted)
      if (!body) return wanted
      const key = { namespace: pod.metadata.namespace ?? '', name: pod.metadata.name }
      try {
        const written = await client.patch(pods, key, {
          type: 'application/strategic-merge-patch+json',
          body,
          subresource: 'status',
        })
        entry.pod = newer(entry.pod, withUid(written, pod.metadata.uid))
        if (entry.wanted === wanted) return wanted
      } catch (error) {
        // A conflict means that the name now belongs to another pod.
        if (isNotFound(error) || isConflict(error)) return wanted
        log.error('Writing the pod status failed', { pod: `${key.namespace}/${key.name}`, error })
        if (isRefused(error)) return wanted
        await sleep(clock, retryDelay, signal)
      }
    }
  }

  function begin(entry: Entry): void {
    entry.writing ??= write(entry).then(done => {
      delete entry.writing
      // Between the last look and here, somebody else may have had a turn.
      if (entry.wanted !== done) begin(entry)
    })
  }

  return {
    set(pod, wanted) {
      const known = entries.get(pod.metadata.uid)
      terminations.count(known?.wanted ?? pod.status, wanted)
      const entry = known ?? { pod, wanted }
      entries.set(pod.metadata.uid, entry)
      entry.pod = newer(entry.pod, pod)
      entry.wanted = wanted
      begin(entry)
    },
    latest(pod) {
      const entry = entries.get(pod.metadata.uid)
      return entry ? newer(entry.pod, pod) : pod
    },
    overruled(pod) {
      const entry = entries.get(pod.metadata.uid)
      if (!entry || entry.writing || newer(entry.pod, pod) !== pod) return false
      return readiness(pod.status) !== readiness(entry.wanted)
    },
    async flush(uid) {
      for (let entry = entries.get(uid); entry?.writing; entry = entries.get(uid)) await entry.writing
    },
    forget: uid => entries.delete(uid),
    terminations: () => terminations.all(),
  }
}

/** The same question would get the same answer; the next status may be better, and the pod's end must not wait for it. */
const isRefused = (e: unknown) => e instanceof StatusError && [400, 403, 413, 422].includes(e.code)

const readiness = (status: PodStatus | undefined) => status?.conditions?.find(c => c.type === 'Ready')?.status

const withUid = (pod: Pod, uid: string): Pod =>
  pod.metadata.uid === uid ? pod : { ...pod, metadata: { ...pod.metadata, uid } }

/** Revisions are growing decimals (docs/architecture.md, Store). */
const newer = (a: Pod, b: Pod) => (Number(b.metadata.resourceVersion) >= Number(a.metadata.resourceVersion) ? b : a)
