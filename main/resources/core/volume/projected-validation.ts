import type { StatusCause } from '../../../../shared/api/object.ts'
import { child, forbidden, index, invalid, required } from '../../../../shared/machinery/field-errors.ts'
import { validateFilePath, validateMode } from '../path-validation.ts'
import type { PodVolume } from '../pod/pod-spec.ts'
import { validateDownwardFile, validateKeyToPath } from './volume-file-validation.ts'

type Projected = NonNullable<PodVolume['projected']>
type Source = NonNullable<Projected['sources']>[number]
type Token = NonNullable<Source['serviceAccountToken']>

/** Faults of several sources in one volume (validateProjectedVolumeSource). */
export function validateProjected({ defaultMode, sources = [] }: Projected, path: string): StatusCause[] {
  const taken = new Set<string>()
  return [
    ...validateMode(child(path, 'defaultMode'), defaultMode),
    ...sources.flatMap((source, i) => [
      ...validateSource(source, { path, at: index(child(path, 'sources'), i) }),
      ...validatePaths(source, { path, taken }),
    ]),
  ]
}

function validateSource(source: Source, { path, at }: { path: string; at: string }): StatusCause[] {
  const { secret, configMap, downwardAPI, serviceAccountToken } = source
  const named = { secret, configMap }
  return [
    ...Object.entries(named).flatMap(([kind, files]) => {
      if (!files) return []
      const items = files.items ?? []
      const itemsPath = child(at, kind, 'items')
      return [
        ...(files.name ? [] : [required(child(at, kind, 'name'))]),
        ...items.flatMap((item, i) => validateKeyToPath(item, index(itemsPath, i))),
      ]
    }),
    ...(downwardAPI?.items ?? []).flatMap(item => validateDownwardFile(item, child(at, 'downwardAPI'))),
    ...(serviceAccountToken ? validateToken(serviceAccountToken, { path, at: child(at, 'serviceAccountToken') }) : []),
    ...(Object.values(source).filter(Boolean).length > 1
      ? [forbidden(at, 'may not specify more than 1 volume type per source')]
      : []),
  ]
}

/** Upstream's path of a token's file is that of the volume. */
function validateToken(
  { expirationSeconds = 0, path: file }: Token,
  { path, at }: { path: string; at: string },
): StatusCause[] {
  const seconds = child(at, 'expirationSeconds')
  const short = 'may not specify a duration less than 10 minutes'
  const long = 'may not specify a duration larger than 2^32 seconds'
  return [
    ...(expirationSeconds < 600 ? [invalid(seconds, expirationSeconds, short)] : []),
    ...(expirationSeconds > 2 ** 32 ? [invalid(seconds, expirationSeconds, long)] : []),
    ...(file ? validateFilePath(child(path, 'path'), file) : [required(child(path, 'path'))]),
  ]
}

/** Two sources can't write one file. */
function validatePaths(
  { secret, configMap, downwardAPI }: Source,
  { path, taken }: { path: string; taken: Set<string> },
): StatusCause[] {
  const files = [
    ...(secret?.items ?? []).map(item => ({ file: item.path, shown: secret?.name ?? '' })),
    ...(configMap?.items ?? []).map(item => ({ file: item.path, shown: configMap?.name ?? '' })),
    ...(downwardAPI?.items ?? []).map(item => ({ file: item.path, shown: item.path })),
  ]
  return files.flatMap(({ file, shown }) => {
    if (!file) return []
    if (taken.has(file)) return [invalid(path, shown, 'conflicting duplicate paths')]
    taken.add(file)
    return []
  })
}
