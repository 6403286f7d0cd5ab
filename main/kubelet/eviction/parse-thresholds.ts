import { parseGoDuration } from '../../../shared/machinery/go-duration.ts'
import { formatQuantity, parseQuantity, quantityValue } from '../../../shared/machinery/quantity.ts'
import type { KubeletConfiguration } from '../configuration/kubelet-configuration.ts'
import { allSignals, signals, type Amount, type Signal, type Threshold } from './signals.ts'

type Statements = Record<string, string>
type Settings = Pick<
  KubeletConfiguration,
  'evictionHard' | 'evictionSoft' | 'evictionSoftGracePeriod' | 'evictionMinimumReclaim'
>

/**
 * The thresholds of a configuration in the order in which they are seen to (pkg/kubelet/eviction/helpers.go,
 * ParseThresholdConfig). Those of containerfs are nodefs' own here, as on every node with one file system.
 *
 * @throws Error in upstream's words.
 */
export function parseThresholds(settings: Settings): Threshold[] {
  const hard = statements(settings.evictionHard, thresholdAmount)
  const soft = statements(settings.evictionSoft, thresholdAmount)
  const periods = statements(settings.evictionSoftGracePeriod, gracePeriod)
  const reclaims = statements(settings.evictionMinimumReclaim, reclaimAmount)
  const made = (signal: Signal, value: Amount, period: number): Threshold => {
    const minReclaim = reclaims.get(signal)
    return { signal, value, gracePeriod: period, ...(minReclaim && { minReclaim }) }
  }
  const softOnes = [...soft].map(([signal, value]) => {
    const period = periods.get(signal)
    if (period === undefined)
      throw new Error(`grace period must be specified for the soft eviction threshold ${signal}`)
    return made(signal, value, period)
  })
  const hardOnes = [...hard].map(([signal, value]) => made(signal, value, 0))
  // What pods may have altogether is guarded as the node's whole memory is.
  const allocatable = hardOnes
    .filter(({ signal }) => signal === 'memory.available')
    .map(each => ({ ...each, signal: 'allocatableMemory.available' as const }))
  return [...hardOnes, ...softOnes, ...allocatable]
    .filter(({ signal }) => !signal.startsWith('containerfs.'))
    .sort((a, b) => allSignals.indexOf(a.signal) - allSignals.indexOf(b.signal))
}

/** A value for each signal; what has none is left out. */
function statements<T>(given: Statements, parse: (signal: Signal, text: string) => T | undefined): Map<Signal, T> {
  const parsed = new Map<Signal, T>()
  for (const [name, text] of Object.entries(given)) {
    if (!isSignal(name)) throw new Error(`unsupported eviction signal ${name}`)
    const value = parse(name, text)
    if (value !== undefined) parsed.set(name, value)
  }
  return parsed
}

const isSignal = (name: string): name is Signal => Object.hasOwn(signals, name)

function thresholdAmount(signal: Signal, text: string): Amount | undefined {
  if (text === '0%' || text === '100%') return undefined
  const percentage = partOf(text)
  if (percentage !== undefined) {
    const bound = percentage < 0 ? '>= 0' : percentage > 1 ? '<= 100' : undefined
    if (bound) throw new Error(`eviction percentage threshold ${signal} must be ${bound}%: ${text}`)
    return { part: percentage }
  }
  const amount = quantityOf(text)
  if (amount.value <= 0) throw new Error(`eviction threshold ${signal} must be positive: ${amount.quantity}`)
  return amount
}

function reclaimAmount(signal: Signal, text: string): Amount {
  const percentage = partOf(text)
  if (percentage !== undefined) {
    if (percentage <= 0) throw new Error(`eviction percentage minimum reclaim ${signal} must be positive: ${text}`)
    return { part: percentage }
  }
  const amount = quantityOf(text)
  if (amount.value < 0) throw new Error(`negative eviction minimum reclaim specified for ${signal}`)
  return amount
}

function gracePeriod(_: Signal, text: string): number {
  const period = parseGoDuration(text)
  if (period < 0) throw new Error(`invalid eviction grace period specified: ${text}, must be a positive value`)
  return period
}

function quantityOf(text: string) {
  const parsed = parseQuantity(text)
  return { quantity: formatQuantity(parsed), value: quantityValue(parsed) }
}

/** Of a percentage, with the precision that upstream has; undefined of anything else. */
function partOf(text: string): number | undefined {
  if (!text.endsWith('%')) return undefined
  const number = text.replace(/%+$/, '')
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(number))
    throw new Error(`strconv.ParseFloat: parsing "${number}": invalid syntax`)
  return Math.fround(Math.fround(Number(number)) / 100)
}
