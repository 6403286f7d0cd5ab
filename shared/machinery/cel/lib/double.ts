/** A double as Go's shortest `%g` writes it: `1`, `0.5`, `1e+06`, `+Inf`. */
export function formatDouble(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf'
  if (value === 0) return Object.is(value, -0) ? '-0' : '0'
  const [mantissa = '', exponent = '0'] = value.toExponential().split('e')
  const power = Number(exponent)
  if (power >= -4 && power < 6) return plain(mantissa, power)
  return `${mantissa}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`
}

function plain(mantissa: string, power: number): string {
  const negative = mantissa.startsWith('-')
  const digits = mantissa.replace(/[-.]/g, '')
  const text =
    power < 0
      ? `0.${'0'.repeat(-power - 1)}${digits}`
      : digits.length <= power + 1
        ? digits.padEnd(power + 1, '0')
        : `${digits.slice(0, power + 1)}.${digits.slice(power + 1)}`
  return negative ? `-${text}` : text
}
