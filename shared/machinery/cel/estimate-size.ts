/** Of counts, where nothing of anything is nothing. */
export const times = (count: number, each: number): number => (count === 0 || each === 0 ? 0 : count * each)

/** A size by a cost for each unit, rounded up. */
export const scaled = (size: number, factor: number): number => Math.ceil(size * factor)
