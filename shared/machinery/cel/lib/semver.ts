import type { Library } from '../functions.ts'
import { EvaluationError, type Opaque, type OpaqueType } from '../value.ts'

interface Version {
  readonly numbers: readonly [bigint, bigint, bigint]
  /** The parts of a pre-release; build metadata does not count. */
  readonly pre: readonly string[]
}

const type: OpaqueType<Version> = { name: 'kubernetes.Semver', equals: (a, b) => compare(a, b) === 0 }

const number = '(0|[1-9]\\d*)'
const identifiers = '[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*'
const strict = new RegExp(`^${number}\\.${number}\\.${number}(?:-(${identifiers}))?(?:\\+${identifiers})?$`)

function read(text: string): Version | undefined {
  const [, major, minor, patch, pre] = strict.exec(text) ?? []
  if (major === undefined || minor === undefined || patch === undefined) return undefined
  const parts = pre === undefined ? [] : pre.split('.')
  if (parts.some(part => /^0\d+$/.test(part))) return undefined
  return { numbers: [BigInt(major), BigInt(minor), BigInt(patch)], pre: parts }
}

/** `v1.2` as `1.2.0`, `01.2.3` as `1.2.3` (semverlib.go normalizeAndParse). */
function normalised(text: string): string {
  const [, numbers = '', rest = ''] = /^v?([^-+]*)([^]*)$/.exec(text) ?? []
  const parts = numbers.split('.').map(part => part.replace(/^0+(?=\d)/, ''))
  while (parts.length < 3) parts.push('0')
  return parts.join('.') + rest
}

export function semver(text: string, normalise = false): Opaque<Version> {
  const value = read(normalise ? normalised(text) : text)
  if (!value && text.split('.').length < 3) throw new EvaluationError('No Major.Minor.Patch elements found')
  if (!value) throw new EvaluationError(`invalid semantic version ${JSON.stringify(text)}`)
  return { kind: 'opaque', type, value }
}

function compare(a: Version, b: Version): number {
  for (const i of [0, 1, 2] as const) {
    if (a.numbers[i] !== b.numbers[i]) return a.numbers[i] < b.numbers[i] ? -1 : 1
  }
  // A pre-release comes before its release.
  if (a.pre.length === 0 || b.pre.length === 0) return Math.sign(b.pre.length - a.pre.length)
  for (const [i, part] of a.pre.entries()) {
    const other = b.pre[i]
    if (other === undefined) return 1
    if (part !== other) return comparePart(part, other)
  }
  return a.pre.length < b.pre.length ? -1 : 0
}

function comparePart(a: string, b: string): number {
  const [x, y] = [/^\d+$/.test(a), /^\d+$/.test(b)]
  if (x && y) return BigInt(a) < BigInt(b) ? -1 : 1
  if (x !== y) return x ? -1 : 1
  return a < b ? -1 : 1
}

type Semver = Opaque<Version>
const order = (a: Semver, b: Semver) => compare(a.value, b.value)

/** Semantic versions (apiserver/pkg/cel/library/semverlib.go). */
export const semvers: Library = {
  'semver(string) -> kubernetes.Semver': semver,
  'semver(string, bool) -> kubernetes.Semver': semver,
  'isSemver(string) -> bool': (text: string) => read(text) !== undefined,
  'isSemver(string, bool) -> bool': (text: string, normalise: boolean) =>
    read(normalise ? normalised(text) : text) !== undefined,
  'kubernetes.Semver.isGreaterThan(kubernetes.Semver) -> bool': (a: Semver, b: Semver) => order(a, b) > 0,
  'kubernetes.Semver.isLessThan(kubernetes.Semver) -> bool': (a: Semver, b: Semver) => order(a, b) < 0,
  'kubernetes.Semver.compareTo(kubernetes.Semver) -> int': (a: Semver, b: Semver) => BigInt(order(a, b)),
  'kubernetes.Semver.major() -> int': ({ value }: Semver) => value.numbers[0],
  'kubernetes.Semver.minor() -> int': ({ value }: Semver) => value.numbers[1],
  'kubernetes.Semver.patch() -> int': ({ value }: Semver) => value.numbers[2],
}
