import type { Volume } from '../../../shared/api/core.ts'
import { commonUser } from '../container/security.ts'
import { configMapFiles } from './config-map.ts'
import { downwardApiFiles } from './downward-api.ts'
import { secretFiles } from './secret.ts'
import type { Token } from './service-account-token.ts'
import { joined, MountFault, reasonOf } from './volume-source.ts'
import type { Projection, VolumeContext } from './volume-source.ts'

type Source = NonNullable<Volume['projected']>
type Part = NonNullable<Source['sources']>[number]

/** Gives the token of a serviceAccountToken part, the same one until it has to be renewed. */
export type TokenSource = (part: NonNullable<Part['serviceAccountToken']>) => Promise<Token>

/**
 * The files of a projected volume, later sources over earlier ones (pkg/volume/projected, collectData). Throws MountFault
 * with all that is missing. Sources of kinds that are off in v1.36 come here empty.
 */
export async function projection(source: Source, token: TokenSource, context: VolumeContext): Promise<Projection> {
  const mode = source.defaultMode ?? 0o644
  const user = commonUser(context.pod)
  const files: Projection['files'] = []
  const renewals: number[] = []
  const faults: string[] = []

  async function collect(part: Part): Promise<Projection['files']> {
    if (part.configMap) return configMapFiles(part.configMap, mode, context)
    if (part.secret) return secretFiles({ ...part.secret, name: part.secret.name ?? '' }, mode, context)
    if (part.downwardAPI) return downwardApiFiles(part.downwardAPI.items ?? [], mode, context)
    if (!part.serviceAccountToken) return []
    const { token: text, refreshAt } = await token(part.serviceAccountToken)
    renewals.push(refreshAt)
    // For the pod's own user or group alone; the group's right to read comes with its ownership (projected.go, collectData).
    const own = user !== undefined || context.pod.spec.securityContext?.fsGroup !== undefined
    const { path } = part.serviceAccountToken
    return [{ path, data: Buffer.from(text), mode: own ? 0o600 : mode, ...(user !== undefined && { user }) }]
  }

  for (const part of source.sources ?? [])
    await collect(part).then(
      made => files.push(...made),
      (error: unknown) => faults.push(reasonOf(error)),
    )
  if (faults.length > 0) throw new MountFault(joined(faults))
  return { files, secret: true, ...(renewals.length > 0 && { refreshAt: Math.min(...renewals) }) }
}
