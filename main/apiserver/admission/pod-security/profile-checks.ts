import { collect, containersThat, type PodLike } from './containers.ts'
import { counted, named, quoted, setters, sortedSet, type Violation } from './wording.ts'

/** The checks of AppArmor and seccomp profiles (pod-security-admission/policy). */

const allowed = ['RuntimeDefault', 'Localhost']
const wrongType = (profile: { type: string } | undefined) =>
  profile !== undefined && !allowed.includes(profile.type) ? [profile.type] : []

const armorPrefix = 'container.apparmor.security.beta.kubernetes.io/'

export function appArmorProfile({ spec, annotations }: PodLike): Violation | undefined {
  const byPod = wrongType(spec.securityContext?.appArmorProfile)
  const { names, values } = collect(spec, ({ securityContext }) => wrongType(securityContext?.appArmorProfile))
  const notes = Object.entries(annotations)
    .filter(([key, value]) => key.startsWith(armorPrefix) && !/^($|runtime\/default$|localhost\/)/.test(value))
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    .sort()
  const wrong = [...sortedSet([...byPod, ...values]), ...notes]
  if (wrong.length === 0) return undefined
  const who = [
    ...(byPod.length + names.length > 0 ? [setters(byPod.length > 0, names)] : []),
    ...(notes.length > 0 ? [counted(notes.length, 'annotation')] : []),
  ]
  return {
    reason: counted(wrong.length, 'forbidden AppArmor profile'),
    detail: `${who.join(' and ')} must not set AppArmor profile type to ${quoted(wrong)}`,
  }
}

const seccompPod = 'seccomp.security.alpha.kubernetes.io/pod'
const seccompContainer = 'container.seccomp.security.alpha.kubernetes.io/'

/** Before v1.19 profiles were annotations. */
export function seccompAnnotations({ spec, annotations }: PodLike): Violation | undefined {
  const wrong = (key: string) => {
    const value = annotations[key]
    const isWrong = value !== undefined && !/^(runtime\/default$|docker\/default$|localhost\/)/.test(value)
    return isWrong ? [`${key}=${JSON.stringify(value)}`] : []
  }
  const { values } = collect(spec, ({ name }) => wrong(seccompContainer + name))
  const notes = sortedSet([...wrong(seccompPod), ...values])
  if (notes.length === 0) return undefined
  return { reason: 'seccompProfile', detail: `forbidden ${counted(notes.length, 'annotation')} ${notes.join(', ')}` }
}

export function seccompProfile({ spec }: PodLike): Violation | undefined {
  const byPod = wrongType(spec.securityContext?.seccompProfile)
  const { names, values } = collect(spec, ({ securityContext }) => wrongType(securityContext?.seccompProfile))
  const wrong = sortedSet([...byPod, ...values])
  if (wrong.length === 0) return undefined
  const who = setters(byPod.length > 0, names)
  return {
    reason: 'seccompProfile',
    detail: `${who} must not set securityContext.seccompProfile.type to ${quoted(wrong)}`,
  }
}

/** A profile there must be, too, of the pod or of every container. */
export function someSeccompProfile(pod: PodLike): Violation | undefined {
  const wrong = seccompProfile(pod)
  if (wrong || pod.spec.securityContext?.seccompProfile) return wrong
  const names = containersThat(pod.spec, ({ securityContext }) => !securityContext?.seccompProfile)
  if (names.length === 0) return undefined
  const who = `pod or ${named('container', names)}`
  return {
    reason: 'seccompProfile',
    detail: `${who} must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"`,
  }
}
