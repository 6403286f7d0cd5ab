import type { Pod } from '../../../shared/api/core.ts'
import { parseGoDuration } from '../../../shared/machinery/go-duration.ts'
import { fnv32a } from '../../../shared/machinery/hash.ts'
import { simulationAnnotations as names } from '../../../shared/machinery/logical-node.ts'

/** How a simulated pod behaves. */
export interface Simulation {
  /** Milliseconds. */
  startTime: number
  /** Milliseconds after which a container ends by itself; Infinity if it does not. */
  runTime: number
  /** The share of containers that end with exit code 1, from 0 to 1. */
  failureRate: number
}

export const undisturbed: Simulation = { startTime: 0, runTime: Infinity, failureRate: 0 }

type Annotations = Record<string, string> | undefined

/** What annotations say of it; the rest is as in `defaults`. Throws an Error that names the annotation at fault. */
export function simulationOf(annotations: Annotations, defaults: Simulation): Simulation {
  const read = (name: string, parse: (text: string) => number, otherwise: number) => {
    const text = annotations?.[name]
    if (text === undefined) return otherwise
    try {
      return parse(text)
    } catch (error) {
      throw new Error(`annotation ${name}: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
    }
  }
  return {
    startTime: read(names.startTime, duration, defaults.startTime),
    runTime: read(names.runTime, duration, defaults.runTime),
    failureRate: read(names.failureRate, rate, defaults.failureRate),
  }
}

function duration(text: string): number {
  const ms = parseGoDuration(text)
  if (ms < 0) throw new Error(`"${text}" must not be negative`)
  return ms
}

function rate(text: string): number {
  const value = Number(text)
  if (text.trim() === '' || !(value >= 0 && value <= 1)) throw new Error(`"${text}" must be a number from 0 to 1`)
  return value
}

/**
 * How long after its start a container of a pod ends, and its exit code; undefined if it runs until it is stopped. An init
 * container has nothing to wait for. Which one fails is decided by the pod's uid, not by chance: a restart of the engine
 * must not decide anew.
 */
export function ending(
  pod: Pod,
  container: { name: string; attempt: number },
  { runTime, failureRate }: Simulation,
): { after: number; exitCode: number } | undefined {
  const init = pod.spec.initContainers?.find(({ name }) => name === container.name)
  const fails = fraction(`${pod.metadata.uid}/${container.name}/${container.attempt}`) < failureRate
  const runs = init && init.restartPolicy !== 'Always' ? 0 : runTime
  if (fails) return { after: runs === Infinity ? 0 : runs, exitCode: 1 }
  return runs === Infinity ? undefined : { after: runs, exitCode: 0 }
}

/** A number in [0, 1) that looks like chance. */
function fraction(text: string): number {
  // The last characters differ most, and FNV-1a spreads each of them over the high bits only in the rounds that follow.
  return fnv32a(new TextEncoder().encode(`${text}/////`)) / 2 ** 32
}
