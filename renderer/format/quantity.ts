const decimal = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E']
const binary = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei']

/** A quantity (`500m`, `3Gi`, `1e3`) as a number; 0 for what is none (apimachinery/pkg/api/resource/quantity.go). */
export function parseQuantity(text: string | undefined): number {
  const [, digits, suffix] = /^([+-]?[\d.]+(?:[eE][+-]?\d+)?)([a-zA-Z]*)$/.exec(text ?? '') ?? []
  if (digits === undefined || suffix === undefined) return 0
  const power = binary.indexOf(suffix)
  if (power > 0) return Number(digits) * 1024 ** power
  const step = decimal.indexOf(suffix)
  return step < 0 ? 0 : Number(digits) * 1000 ** (step - 3)
}

/** `2.4 Gi`, `310 m`, `4`: a number and its unit with a space between. */
export function formatQuantity(text: string | undefined): string {
  const value = parseQuantity(text)
  return /[KMGTPE]i$/.test(text ?? '') || value >= 1e6 ? formatBytes(value) : formatCpu(value)
}

export function formatBytes(bytes: number): string {
  let [value, unit] = [bytes, 0]
  while (value >= 1024 && unit < binary.length - 1) [value, unit] = [value / 1024, unit + 1]
  return unit === 0 ? String(Math.round(value)) : `${short(value)} ${binary[unit] ?? ''}`
}

/** Cores: `4`, `1.5`, `310 m`. */
export function formatCpu(cores: number): string {
  return cores === 0 || cores >= 1 ? short(cores) : `${Math.round(cores * 1000)} m`
}

const short = (value: number): string => String(value >= 100 ? Math.round(value) : Math.round(value * 10) / 10)
