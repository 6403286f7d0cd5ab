import { addQuantities, compareQuantities, formatQuantity, subtractQuantities } from './quantity.ts'

/** Quantities by resource name (core/v1 ResourceList). */
export type ResourceList = Readonly<Record<string, string>>

/** The sum of two lists, by name. */
export function addResources(a: ResourceList, b: ResourceList): ResourceList {
  const sum = { ...a }
  for (const [name, value] of Object.entries(b)) {
    const own = sum[name]
    sum[name] = own === undefined ? value : formatQuantity(addQuantities(own, value))
  }
  return sum
}

/** The larger of two lists, by name. */
export function maxResources(a: ResourceList, b: ResourceList): ResourceList {
  const most = { ...a }
  for (const [name, value] of Object.entries(b)) {
    const own = most[name]
    if (own === undefined || compareQuantities(value, own) > 0) most[name] = value
  }
  return most
}

/** What `a` has more than `b`: never less than nothing (quota/v1 SubtractWithNonNegativeResult). */
export function excessResources(a: ResourceList, b: ResourceList): ResourceList {
  return mapResources(a, (value, name) => {
    const rest = subtractQuantities(value, b[name] ?? '0')
    return rest.nanos > 0n ? formatQuantity(rest) : '0'
  })
}

/** The resources that pass. */
export function pickResources(list: ResourceList, passes: (name: string, value: string) => boolean): ResourceList {
  return Object.fromEntries(Object.entries(list).filter(([name, value]) => passes(name, value)))
}

/** Whether two lists have the same resources in the same amounts, however these are written. */
export function sameResources(a: ResourceList, b: ResourceList): boolean {
  const entries = Object.entries(a)
  if (entries.length !== Object.keys(b).length) return false
  return entries.every(([name, value]) => {
    const other = b[name]
    return other !== undefined && compareQuantities(value, other) === 0
  })
}

function mapResources(list: ResourceList, change: (value: string, name: string) => string): ResourceList {
  return Object.fromEntries(Object.entries(list).map(([name, value]) => [name, change(value, name)]))
}
