import type { Volume } from '../../../shared/api/core.ts'
import { commonUser } from '../security.ts'
import { configMapFiles } from './config-map.ts'
import { downwardApiFiles } from './downward-api.ts'
import { secretFiles } from './secret.ts'
import type { Token } from './service-account-token.ts'
import { MountFault } from './volume-source.ts'
import type { Projection, VolumeContext } from './volume-source.ts'

type Source = NonNullable<Volume['projected']>
type Part = NonNullable<Source['sources']>[number]

/** Gives the token of a serviceAccountToken part, the same one until it has to be renewed. */
export type TokenSource = (part: NonNullable<Part['serviceAccountToken']>) => Promise<Token>

/** The files of a projected volume, later sources over earlier ones (pkg/volume/projected, collectData). */
export async function projection(source: Source, token: TokenSource, context: VolumeContext): Promise<Projection> {
  const mode = source.defaultMode ?? 0o644
  const user = commonUser(context.pod)
  const files: Projection['files'] = []
  const renewals: number[] = []
  for (const part of source.sources ?? []) {
    if (part.configMap) files.push(...(await configMapFiles(part.configMap, mode, context)))
    else if (part.secret)
      files.push(...(await secretFiles({ ...part.secret, name: part.secret.name ?? '' }, mode, context)))
    else if (part.downwardAPI) files.push(...downwardApiFiles(part.downwardAPI.items ?? [], mode, context))
    else if (part.serviceAccountToken) {
      const { token: text, refreshAt } = await token(part.serviceAccountToken)
      // For the pod's own user or group alone; the group's right to read comes with its ownership (projected.go, collectData).
      const own = user !== undefined || context.pod.spec.securityContext?.fsGroup !== undefined
      files.push({
        path: part.serviceAccountToken.path,
        data: Buffer.from(text),
        mode: own ? 0o600 : mode,
        ...(user !== undefined && { user }),
      })
      renewals.push(refreshAt)
    } else throw new MountFault(`projected source ${Object.keys(part).join()} is not supported`)
  }
  return { files, secret: true, ...(renewals.length > 0 && { refreshAt: Math.min(...renewals) }) }
}
