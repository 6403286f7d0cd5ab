import type { SchedulingDecision, Verdict } from '../../shared/machinery/scheduling-decision.ts'
import type { Decision } from './decide.ts'

/** As many nodes as a person reads about. */
const most = 20

/** What a decision says to people. */
export function explain({ time, node, message, verdicts, evaluated, preemption }: Decision): SchedulingDecision {
  return {
    time,
    ...(node !== undefined && { node }),
    message,
    rejected: node === undefined ? evaluated : verdicts.length,
    nearest: nearest(verdicts),
    ...(preemption && {
      preemption: { node: preemption.node, victims: preemption.victims.map(({ metadata }) => metadata.name) },
    }),
  }
}

/** The nodes against which least speaks: fewest reasons, and among equals those that lack least. */
export const nearest = (verdicts: readonly Verdict[]): Verdict[] =>
  verdicts
    .map(verdict => ({ verdict, distance: distanceOf(verdict) }))
    .toSorted((a, b) => a.distance.reasons - b.distance.reasons || a.distance.lacking - b.distance.lacking)
    .slice(0, most)
    .map(({ verdict }) => verdict)

function distanceOf({ rejections }: Verdict) {
  const reasons = rejections.flatMap(rejection => rejection.reasons)
  const lacking = reasons.reduce((sum, { fix }) => sum + (fix?.change === 'requests' ? fix.amount : 0), 0)
  return { reasons: reasons.length, lacking }
}
