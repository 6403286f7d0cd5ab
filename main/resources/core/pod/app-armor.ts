import type { Container, Pod, PodSpec } from '../../../../shared/api/core.ts'
import { jsonEqual } from '../../../../shared/machinery/json-value.ts'
import { validateAppArmor } from './security-validation.ts'

type Profile = NonNullable<NonNullable<PodSpec['securityContext']>['appArmorProfile']>

/** The annotation that spoke of a container's profile before there was a field. */
export const appArmorAnnotation = ({ name }: Pick<Container, 'name'>) =>
  `container.apparmor.security.beta.kubernetes.io/${name}`

/** The field for the annotation's value; undefined for what is no profile (pkg/api/pod ApparmorFieldForAnnotation). */
export function appArmorProfileOf(annotation: string): Profile | undefined {
  if (annotation === 'unconfined') return { type: 'Unconfined' }
  if (annotation === 'runtime/default') return { type: 'RuntimeDefault' }
  const [, localhostProfile] = /^localhost\/(.+)$/s.exec(annotation) ?? []
  return localhostProfile === undefined ? undefined : { type: 'Localhost', localhostProfile }
}

/**
 * Gives the containers of a new pod the profiles that only its annotations name (podStrategy's applyAppArmorVersionSkew).
 * Annotations that say something of their own, or nothing, are warned of.
 */
export function syncAppArmor({ metadata, spec }: Pod, warn: (text: string) => void): void {
  const { annotations } = metadata
  if (!annotations || spec.os?.name === 'windows') return
  const ephemeral = (spec.ephemeralContainers ?? []) as Container[]
  for (const container of [...(spec.initContainers ?? []), ...spec.containers, ...ephemeral]) {
    const name = appArmorAnnotation(container)
    const value = annotations[name]
    if (value === undefined || container.securityContext?.appArmorProfile) continue
    const profile = appArmorProfileOf(value)
    const usable = validateAppArmor(profile, '').length === 0 ? profile : undefined
    if (usable && jsonEqual(usable, spec.securityContext?.appArmorProfile)) continue
    if (usable) container.securityContext = { ...container.securityContext, appArmorProfile: usable }
    warn(`metadata.annotations[${name}]: deprecated since v1.30; use the "appArmorProfile" field instead`)
  }
}
