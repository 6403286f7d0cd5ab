import type { ProbeAnswer } from '../../../shared/machinery/probe-results.ts'

/** `output` is what the Unhealthy event says after the kind of probe. */
export type ProbeResult = Pick<ProbeAnswer, 'outcome' | 'output'>
