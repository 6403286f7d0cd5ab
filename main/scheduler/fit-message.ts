import type { Verdict } from '../../shared/machinery/scheduling-decision.ts'
import type { Examination } from './examine.ts'
import { summary } from './node-summary.ts'
import type { Preemption } from './preempt.ts'

interface Failure {
  examination: Examination
  /** Of the nodes that were asked about, with the first filter's reasons. */
  verdicts: readonly Verdict[]
  total: number
  /** Undefined if the scheduler does not preempt. */
  preemption: Preemption | undefined
}

/** What DynamicResources says, beside preemption, of a pod that no claim's new devices would help. */
const noDevices = 'no new claims to deallocate'

/** `0/3 nodes are available: …` (scheduler/framework/types.go FitError). */
export function fitMessage({ examination, verdicts, total, preemption }: Failure): string {
  const rest = !preemption || 'victims' in preemption ? '' : ` ${noDevices}, preemption: ${preemption.message}`
  if (examination.refusal) return `0/${total} nodes are available: ${examination.refusal.reason.message}.${rest}`
  const reasons = verdicts.map(({ rejections }) => rejections[0]?.reasons.map(reason => reason.message) ?? [])
  const absent = `node(s) didn't satisfy plugin(s) [${examination.narrowedBy.join(' ')}]`
  return summary({ reasons, total, absent }) + rest
}
