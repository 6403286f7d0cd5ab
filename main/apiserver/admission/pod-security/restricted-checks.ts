import { collect, containersThat, type PodLike } from './containers.ts'
import { counted, named, quoted, setters, sortedSet, type Violation } from './wording.ts'

/** The checks of the restricted level (pod-security-admission/policy); which of them hold since when is in checks.ts. */

type Check = (pod: PodLike) => Violation | undefined

export const allowPrivilegeEscalation: Check = ({ spec }) => {
  const names = containersThat(spec, ({ securityContext }) => securityContext?.allowPrivilegeEscalation !== false)
  if (names.length === 0) return undefined
  const detail = `${named('container', names)} must set securityContext.allowPrivilegeEscalation=false`
  return { reason: 'allowPrivilegeEscalation != false', detail }
}

export const droppedCapabilities: Check = ({ spec }) => {
  const keeping = containersThat(spec, ({ securityContext }) => !securityContext?.capabilities?.drop?.includes('ALL'))
  const adding = collect(spec, ({ securityContext }) =>
    (securityContext?.capabilities?.add ?? []).filter(name => name !== 'NET_BIND_SERVICE'),
  )
  const { names, values } = adding
  const details = [
    ...(keeping.length > 0
      ? [`${named('container', keeping)} must set securityContext.capabilities.drop=["ALL"]`]
      : []),
    ...(names.length > 0
      ? [
          `${named('container', names)} must not include ${quoted(sortedSet(values))} in securityContext.capabilities.add`,
        ]
      : []),
  ]
  return details.length > 0 ? { reason: 'unrestricted capabilities', detail: details.join('; ') } : undefined
}

const safeVolumes = [
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'image',
  'persistentVolumeClaim',
  'projected',
  'secret',
]

export const volumeTypes: Check = ({ spec }) => {
  const bad = (spec.volumes ?? []).flatMap(({ name, ...source }) => {
    const types = Object.keys(source)
    return types.some(type => safeVolumes.includes(type)) ? [] : [{ name, type: types[0] ?? 'unknown' }]
  })
  if (bad.length === 0) return undefined
  const types = sortedSet(bad.map(({ type }) => type))
  const names = bad.map(({ name }) => name)
  const uses = counted(names.length, 'uses', 'use')
  const what = counted(types.length, 'restricted volume type')
  return { reason: 'restricted volume types', detail: `${named('volume', names)} ${uses} ${what} ${quoted(types)}` }
}

export const runAsNonRoot: Check = ({ spec }) => {
  const reason = 'runAsNonRoot != true'
  const ofPod = spec.securityContext?.runAsNonRoot
  const explicit = containersThat(spec, ({ securityContext }) => securityContext?.runAsNonRoot === false)
  if (ofPod === false || explicit.length > 0) {
    return { reason, detail: `${setters(ofPod === false, explicit)} must not set securityContext.runAsNonRoot=false` }
  }
  const silent = ofPod ? [] : containersThat(spec, ({ securityContext }) => securityContext?.runAsNonRoot === undefined)
  if (silent.length === 0) return undefined
  return { reason, detail: `pod or ${named('container', silent)} must set securityContext.runAsNonRoot=true` }
}

export const runAsUser: Check = ({ spec }) => {
  const byPod = spec.securityContext?.runAsUser === 0
  const names = containersThat(spec, ({ securityContext }) => securityContext?.runAsUser === 0)
  if (!byPod && names.length === 0) return undefined
  return { reason: 'runAsUser=0', detail: `${setters(byPod, names)} must not set runAsUser=0` }
}
