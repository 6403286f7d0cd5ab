/** So that the highest becomes 100 (helper.DefaultNormalizeScore). */
export function scaled(values: readonly number[]): number[] {
  const most = highest(values)
  return values.map(value => (most === 0 ? 0 : Math.trunc((100 * value) / most)))
}

/** The same for counts of what speaks against a node: none at all is 100. */
export function scaledDown(values: readonly number[]): number[] {
  const most = highest(values)
  return values.map(value => (most === 0 ? 100 : 100 - Math.trunc((100 * value) / most)))
}

/** Without spreading, for lists of any length. */
const highest = (values: readonly number[]) => values.reduce((most, value) => (value > most ? value : most), 0)
