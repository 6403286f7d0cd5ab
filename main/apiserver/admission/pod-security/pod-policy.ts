import type { StatusCause } from '../../../../shared/api/object.ts'
import { invalid, key } from '../../../../shared/machinery/field-errors.ts'

type Level = 'privileged' | 'baseline' | 'restricted'

/** A level as it was in a minor version of Kubernetes 1. */
export interface LevelVersion {
  readonly level: Level
  /** Infinity for `latest`. */
  readonly minor: number
}

/** What the labels of a namespace ask of its pods (KEP-2579). There is no audit log: that mode is only checked. */
export interface PodPolicy {
  readonly enforce: LevelVersion
  readonly warn: LevelVersion
}

const prefix = 'pod-security.kubernetes.io/'
const levels: readonly string[] = ['privileged', 'baseline', 'restricted']
const open: LevelVersion = { level: 'privileged', minor: Infinity }
const modes = ['enforce', 'audit', 'warn'] as const

type Labels = Readonly<Record<string, string>> | undefined

/** The policy of a namespace; undefined if it has no labels that ask for one. */
export function podPolicyOf(labels: Labels): PodPolicy | undefined {
  if (!labels || !Object.keys(labels).some(label => label.startsWith(prefix))) return undefined
  // A wrong level is the strictest where it refuses, and none where it only warns.
  const enforce = read(labels, 'enforce', 'restricted')
  const own = read(labels, 'warn', 'privileged')
  const inherits = labels[`${prefix}warn`] === undefined && isLevel(labels[`${prefix}enforce`])
  if (!inherits || compareLevels(enforce, own) <= 0) return { enforce, warn: own }
  const minor = labels[`${prefix}warn-version`] === undefined ? enforce.minor : own.minor
  return { enforce, warn: { level: enforce.level, minor } }
}

function read(labels: NonNullable<Labels>, mode: string, fallback: Level): LevelVersion {
  const level = labels[prefix + mode]
  const version = labels[`${prefix}${mode}-version`]
  return {
    level: level === undefined ? open.level : isLevel(level) ? level : fallback,
    minor: version === undefined ? open.minor : (minorOf(version) ?? Infinity),
  }
}

const isLevel = (text: string | undefined): text is Level => text !== undefined && levels.includes(text)

function minorOf(version: string): number | undefined {
  if (version === 'latest') return Infinity
  const match = /^v1\.(\d|[1-9]\d*)$/.exec(version)
  return match ? Number(match[1]) : undefined
}

/** Faults of the labels that name levels and versions. */
export function validatePolicyLabels(labels: Labels): StatusCause[] {
  return modes.flatMap(mode => {
    const level = labels?.[prefix + mode]
    const version = labels?.[`${prefix}${mode}-version`]
    const at = (label: string) => key('metadata.labels', label)
    return [
      ...(level === undefined || isLevel(level)
        ? []
        : [invalid(at(prefix + mode), level, `must be one of ${levels.join(', ')}`)]),
      ...(version === undefined || minorOf(version) !== undefined
        ? []
        : [invalid(at(`${prefix}${mode}-version`), version, 'must be "latest" or "v1.x"')]),
    ]
  })
}

/** Positive if `a` is stricter. */
export function compareLevels(a: LevelVersion, b: LevelVersion): number {
  return levels.indexOf(a.level) - levels.indexOf(b.level)
}

/** `restricted:latest`, `baseline:v1.24` */
export function printLevel({ level, minor }: LevelVersion): string {
  return `${level}:${minor === Infinity ? 'latest' : `v1.${minor}`}`
}
