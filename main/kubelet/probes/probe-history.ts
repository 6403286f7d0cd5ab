import type { ProbeAnswer, ProbeResults } from '../../../shared/machinery/probe-results.ts'

/** The last answers to the probes of pods, for people who look for the reason of a restart. Bounded in number and length. */
export interface ProbeHistory {
  add(podUid: string, probe: Omit<ProbeResults, 'answers'>, answer: ProbeAnswer): void
  /** Of one pod, in the order in which its probes were first asked. */
  of(podUid: string): readonly ProbeResults[]
  forget(podUid: string): void
}

const most = 10
/** As long as the note of an Event may be. */
const longest = 1024

export function createProbeHistory(): ProbeHistory {
  const pods = new Map<string, Map<string, ProbeResults>>()
  return {
    add(podUid, { container, probe }, answer) {
      const known = pods.get(podUid) ?? new Map<string, ProbeResults>()
      pods.set(podUid, known)
      const key = `${container}/${probe}`
      const short = { ...answer, output: answer.output.slice(0, longest) }
      known.set(key, { container, probe, answers: [short, ...(known.get(key)?.answers ?? [])].slice(0, most) })
    },
    of: podUid => [...(pods.get(podUid)?.values() ?? [])],
    forget: podUid => void pods.delete(podUid),
  }
}
