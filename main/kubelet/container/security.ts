import type { Container, Pod } from '../../../shared/api/core.ts'
import { allContainers } from '../pod/pod-records.ts'
import { RuntimeFault } from '../runtime.ts'
import type { ContainerSecurity, Image } from '../runtime.ts'

/**
 * The effective security context: the container's fields over the pod's (pkg/securitycontext). Throws RuntimeFault
 * `CreateContainerConfigError` when `runAsNonRoot` can't be kept (kuberuntime/security_context_others.go). What filters
 * system calls may have to be read: see seccompFilter.
 */
export function containerSecurity(pod: Pod, container: Container, image: Image): Omit<ContainerSecurity, 'seccomp'> {
  const ofPod = pod.spec.securityContext ?? {}
  const own = container.securityContext ?? {}
  const uid = own.runAsUser ?? ofPod.runAsUser
  const gid = own.runAsGroup ?? ofPod.runAsGroup
  if (own.runAsNonRoot ?? ofPod.runAsNonRoot) checkNonRoot({ pod, container, uid, imageUser: image.user })
  const user = uid === undefined ? undefined : `${uid}`
  // Docker takes a group only together with a user.
  const withGroup = gid === undefined ? user : `${user ?? (imageUid(image.user) || '0')}:${gid}`
  return {
    ...(withGroup !== undefined && { user: withGroup }),
    groups: [...(ofPod.supplementalGroups ?? []), ...(ofPod.fsGroup === undefined ? [] : [ofPod.fsGroup])],
    privileged: own.privileged ?? false,
    readOnlyRootFilesystem: own.readOnlyRootFilesystem ?? false,
    allowPrivilegeEscalation: own.allowPrivilegeEscalation ?? true,
    addCapabilities: own.capabilities?.add ?? [],
    dropCapabilities: own.capabilities?.drop ?? [],
    ...appArmor(own.appArmorProfile ?? ofPod.appArmorProfile),
    unmasked: own.procMount === 'Unmasked',
  }
}

/** The uid that all containers of a pod are told to run as; undefined if one is told none or another (pkg/volume/util, FsUserFrom). */
export function commonUser(pod: Pod): number | undefined {
  const users = new Set(
    allContainers(pod).map(c => c.securityContext?.runAsUser ?? pod.spec.securityContext?.runAsUser),
  )
  const [user] = users
  return users.size === 1 ? user : undefined
}

type Profile = { type: string; localhostProfile?: string }

function appArmor(profile: Profile | undefined): Pick<ContainerSecurity, 'appArmor'> {
  if (profile?.type === 'Unconfined') return { appArmor: 'unconfined' }
  return profile?.type === 'Localhost' ? { appArmor: profile.localhostProfile ?? '' } : {}
}

const imageUid = (user: string) => user.split(':')[0] ?? ''

interface NonRootCheck {
  pod: Pod
  container: Container
  uid: number | undefined
  imageUser: string
}

function checkNonRoot({ pod, container, uid, imageUser }: NonRootCheck): void {
  const where = `(pod: "${pod.metadata.name}_${pod.metadata.namespace ?? ''}(${pod.metadata.uid})", container: ${container.name})`
  const refuse = (why: string) => new RuntimeFault('CreateContainerConfigError', `${why} ${where}`)
  if (uid !== undefined) {
    if (uid === 0) throw refuse("container's runAsUser breaks non-root policy")
    return
  }
  const name = imageUid(imageUser)
  if (name === '' || name === '0') throw refuse('container has runAsNonRoot and image will run as root')
  if (!/^\d+$/.test(name)) {
    throw refuse(`container has runAsNonRoot and image has non-numeric user (${name}), cannot verify user is non-root`)
  }
}
