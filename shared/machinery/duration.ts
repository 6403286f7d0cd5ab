/**
 * A duration in milliseconds as kubectl prints ages: `59s`, `5m30s`, `3h`, `2d4h`, `1y20d`
 * (apimachinery/pkg/util/duration HumanDuration). Clocks may differ by less than two seconds before it is `<invalid>`.
 */
export function humanDuration(ms: number): string {
  const seconds = Math.trunc(ms / 1000)
  if (seconds < -1) return '<invalid>'
  if (seconds < 0) return '0s'
  if (seconds < 120) return `${seconds}s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 10) return pair([minutes, 'm'], [seconds % 60, 's'])
  if (minutes < 180) return `${minutes}m`
  const hours = Math.floor(minutes / 60)
  if (hours < 8) return pair([hours, 'h'], [minutes % 60, 'm'])
  if (hours < 48) return `${hours}h`
  const days = Math.floor(hours / 24)
  if (hours < 192) return pair([days, 'd'], [hours % 24, 'h'])
  const years = Math.floor(days / 365)
  if (years < 2) return `${days}d`
  if (years < 8) return pair([years, 'y'], [days % 365, 'd'])
  return `${years}y`
}

type Part = [amount: number, unit: string]

const pair = (big: Part, small: Part) => `${big.join('')}${small[0] > 0 ? small.join('') : ''}`

/** The age of an instant (RFC 3339), or `<unknown>` if there is none (printers.go translateTimestampSince). */
export function ageOf(timestamp: string | null | undefined, now: number): string {
  return timestamp ? humanDuration(now - Date.parse(timestamp)) : '<unknown>'
}
