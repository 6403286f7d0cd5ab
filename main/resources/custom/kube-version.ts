const stages = ['alpha', 'beta', undefined]

/** Newer and more stable versions first: v2, v1, v1beta2, v1alpha1, then others by name (apimachinery/pkg/version/helpers.go). */
export function compareKubeVersions(a: string, b: string): number {
  const [first, second] = [parse(a), parse(b)]
  if (!first || !second) {
    if (first || second) return first ? -1 : 1
    return a < b ? -1 : a > b ? 1 : 0
  }
  return second.stage - first.stage || second.major - first.major || second.minor - first.minor
}

function parse(version: string): { stage: number; major: number; minor: number } | undefined {
  const [, major, stage, minor = 0] = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(version) ?? []
  return major === undefined ? undefined : { stage: stages.indexOf(stage), major: Number(major), minor: Number(minor) }
}
