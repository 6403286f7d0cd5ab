import type { Pod } from '../../../shared/api/core.ts'
import { isObject } from '../../../shared/machinery/json-value.ts'

/** Kinds that a pod needs in its own namespace, by their resource. */
export type Referenced = 'secrets' | 'configmaps' | 'persistentvolumeclaims' | 'serviceaccounts'

/** Fields of a pod's spec that name an object, and the members that hold the name. */
const fields: Readonly<Record<string, { resource: Referenced; name: 'name' | 'secretName' | 'claimName' }>> = {
  secret: { resource: 'secrets', name: 'secretName' },
  azureFile: { resource: 'secrets', name: 'secretName' },
  secretRef: { resource: 'secrets', name: 'name' },
  secretKeyRef: { resource: 'secrets', name: 'name' },
  nodePublishSecretRef: { resource: 'secrets', name: 'name' },
  configMap: { resource: 'configmaps', name: 'name' },
  configMapRef: { resource: 'configmaps', name: 'name' },
  configMapKeyRef: { resource: 'configmaps', name: 'name' },
  persistentVolumeClaim: { resource: 'persistentvolumeclaims', name: 'claimName' },
}

/** Whether a pod needs an object of its namespace (pkg/api/v1/pod VisitPodSecretNames, VisitPodConfigmapNames; the node authorizer's graph). */
export function refersTo({ metadata, spec }: Pod, resource: Referenced, name: string): boolean {
  if (resource === 'serviceaccounts') return spec.serviceAccountName === name
  if (resource === 'secrets' && spec.imagePullSecrets?.some(secret => secret.name === name)) return true
  const isOwnClaim = (volume: { name: string; ephemeral?: object }) =>
    volume.ephemeral !== undefined && name === `${metadata.name}-${volume.name}`
  if (resource === 'persistentvolumeclaims' && spec.volumes?.some(isOwnClaim)) return true
  return mentions(spec, resource, name)
}

/** Whether a pod names any Secret or ConfigMap. */
export function refersToAny({ spec }: Pod, resource: 'secrets' | 'configmaps'): boolean {
  return (resource === 'secrets' && (spec.imagePullSecrets ?? []).length > 0) || mentions(spec, resource)
}

/** Without a name: whether there is one of the kind at all. */
function mentions(value: unknown, resource: Referenced, name?: string): boolean {
  if (Array.isArray(value)) return value.some(item => mentions(item, resource, name))
  if (!isObject(value)) return false
  return Object.entries(value).some(([field, member]) => {
    const reference = fields[field]
    // In a projected volume a Secret is named like any other object.
    const names = isObject(member) && reference?.resource === resource ? [member[reference.name], member.name] : []
    const isMeant = (given: unknown) => (name === undefined ? Boolean(given) : given === name)
    return names.some(isMeant) || mentions(member, resource, name)
  })
}
