import { persistentVolumeClaims, persistentVolumes, pods, type Pod, type Volume } from '../../../../shared/api/core.ts'
import { quote } from '../../../../shared/machinery/field-errors.ts'
import { ephemeralClaimName } from '../../../../shared/machinery/persistent-volumes.ts'
import { csiDrivers } from '../../../../shared/api/storage.ts'
import type { Store } from '../../../store/store.ts'
import type { Authorizer } from '../../filters/authorize.ts'
import { find } from '../../registry/find.ts'
import type { AdmissionRequest } from '../admission.ts'

interface TokenRequest {
  spec?: {
    audiences?: string[]
    boundObjectRef?: { kind?: string; apiVersion?: string; name?: string; uid?: string } | null
  }
}

interface Known {
  store: Store
  authorizer: Authorizer
  nodeName: string
}

/** Why a node may not ask for this token: it must be for a pod of its own, and for someone whom the pod talks to. */
export async function tokenFault(known: Known, request: AdmissionRequest): Promise<string | undefined> {
  const { spec } = request.object as TokenRequest
  const ref = spec?.boundObjectRef
  if (ref?.apiVersion !== 'v1' || ref.kind !== 'Pod' || !ref.name) return 'node requested token not bound to a pod'
  if (!ref.uid) return 'node requested token with a pod binding without a uid'
  const pod = find(known.store, pods, { namespace: request.namespace, name: ref.name })
  if (!pod) return undefined // who makes the token says so
  if (pod.metadata.uid !== ref.uid) {
    return `the UID in the bound object reference (${ref.uid}) does not match the UID in record. The object might have been deleted and then recreated`
  }
  if (pod.spec.nodeName !== known.nodeName) return 'node requested token bound to a pod scheduled on a different node'
  const [audience = '', ...others] = spec?.audiences ?? []
  if (others.length > 0) return 'node may only request 0 or 1 audiences'
  return audienceFault(known, request, { pod, audience })
}

async function audienceFault(
  { store, authorizer }: Known,
  { user, namespace, name }: AdmissionRequest,
  { pod, audience }: { pod: Pod; audience: string },
): Promise<string | undefined> {
  if (pod.spec.volumes?.some(volume => audiencesOf(store, pod, volume).includes(audience))) return undefined
  const verb = 'request-serviceaccounts-token-audience'
  const asked = { isResource: true, path: '', group: '', version: 'v1', subresource: '', rest: '' }
  const decision = await authorizer.authorize(user, { ...asked, verb, namespace, resource: audience, name })
  return decision.allowed
    ? undefined
    : `audience ${quote(audience)} not found in pod spec volume, ${user.name} is not authorized to request tokens for this audience`
}

/** Whom the tokens of a volume are for; '' is the API server. */
function audiencesOf(store: Store, pod: Pod, volume: Volume): string[] {
  const projected = (volume.projected?.sources ?? []).flatMap(({ serviceAccountToken }) =>
    serviceAccountToken ? [serviceAccountToken.audience ?? ''] : [],
  )
  const driver = driverOf(store, pod, volume)
  const requests = driver ? find(store, csiDrivers, { namespace: '', name: driver })?.spec.tokenRequests : undefined
  return [...projected, ...(requests ?? []).map(request => request.audience)]
}

function driverOf(store: Store, pod: Pod, volume: Volume): string | undefined {
  if (volume.csi) return volume.csi.driver
  const name = volume.ephemeral ? ephemeralClaimName(pod, volume) : volume.persistentVolumeClaim?.claimName
  const { namespace = '' } = pod.metadata
  const claim = name === undefined ? undefined : find(store, persistentVolumeClaims, { namespace, name })
  const bound = claim?.spec.volumeName
  return bound ? find(store, persistentVolumes, { namespace: '', name: bound })?.spec.csi?.driver : undefined
}
