import {
  serviceAccounts,
  type Container,
  type Pod,
  type ServiceAccount,
  type Volume,
} from '../../../shared/api/core.ts'
import { randomString } from '../../../shared/machinery/rand-name.ts'
import { forbidden } from '../../../shared/machinery/status.ts'
import type { Store } from '../../store/store.ts'
import { subjectOf } from '../registry/core.ts'
import { find } from '../registry/find.ts'
import { concerns, type AdmissionPlugin } from './admission.ts'

const mountPath = '/var/run/secrets/kubernetes.io/serviceaccount'
const volumePrefix = 'kube-api-access-'
/** An hour and seven seconds, so that the server can tell these tokens from others (plugin/pkg/admission/serviceaccount). */
const tokenSeconds = 3607
const mirrorAnnotation = 'kubernetes.io/config.mirror'

/** Gives each pod an account, the account's token as a volume, and its image pull secrets (plugin/pkg/admission/serviceaccount). */
export function serviceAccountAdmission({ store, random }: { store: Store; random: () => number }): AdmissionPlugin {
  return {
    name: 'ServiceAccount',
    mutate(request) {
      const { operation, namespace, name, resource } = request
      if (operation !== 'CREATE' || !concerns(request, '', 'pods') || !request.object) return undefined
      const pod = request.object as Pod
      const { spec } = pod
      // Mirror pods stand for what a kubelet runs by itself: they have no account.
      if (pod.metadata.annotations?.[mirrorAnnotation] !== undefined) return undefined
      const accountName = spec.serviceAccountName || 'default'
      spec.serviceAccountName = accountName
      spec.serviceAccount = accountName
      const account = find(store, serviceAccounts, { namespace, name: accountName })
      if (!account) {
        const why = `error looking up service account ${namespace}/${accountName}: serviceaccount "${accountName}" not found`
        return forbidden(subjectOf(resource, name), why)
      }
      if (automounts(pod, account)) mountToken(pod, random)
      if ((spec.imagePullSecrets ?? []).length === 0 && account.imagePullSecrets) {
        spec.imagePullSecrets = account.imagePullSecrets.map(secret => ({ ...secret }))
      }
      return undefined
    },
  }
}

function automounts({ spec }: Pod, account: ServiceAccount): boolean {
  return spec.automountServiceAccountToken ?? account.automountServiceAccountToken ?? true
}

function mountToken({ spec }: Pod, random: () => number): void {
  const kept = spec.volumes?.find(volume => volume.name.startsWith(volumePrefix))
  const volumeName = kept?.name ?? volumePrefix + randomString(5, random)
  const without = [...(spec.initContainers ?? []), ...spec.containers].filter(
    container => !mounts(container, mountPath),
  )
  for (const container of without) {
    container.volumeMounts = [...(container.volumeMounts ?? []), { name: volumeName, readOnly: true, mountPath }]
  }
  if (without.length > 0 && !kept) spec.volumes = [...(spec.volumes ?? []), accessVolume(volumeName)]
}

function mounts({ volumeMounts = [] }: Container, path: string): boolean {
  return volumeMounts.some(mount => mount.mountPath === path)
}

/** Token, CA and namespace together (KEP-542). */
function accessVolume(name: string): Volume {
  return {
    name,
    projected: {
      defaultMode: 0o644,
      sources: [
        { serviceAccountToken: { path: 'token', expirationSeconds: tokenSeconds } },
        { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
        {
          downwardAPI: {
            items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }],
          },
        },
      ],
    },
  }
}
