import { configMaps, type ConfigMap } from '../../../shared/api/core.ts'
import { pathOf } from '../../../shared/api/ref.ts'
import type { ApiTransport } from '../../../shared/client/client.ts'
import { isNotFound } from '../../../shared/machinery/status.ts'

/** What the ConfigMap may hold: PEM and JSON lists. */
type AuthenticationInfo = Partial<
  Record<
    | 'client-ca-file'
    | 'requestheader-client-ca-file'
    | 'requestheader-allowed-names'
    | 'requestheader-username-headers'
    | 'requestheader-uid-headers'
    | 'requestheader-group-headers'
    | 'requestheader-extra-headers-prefix',
    string
  >
>

const at = { namespace: 'kube-system', name: 'extension-apiserver-authentication' }

/**
 * Tells extension API servers whose word about a user they may take: ConfigMap kube-system/extension-apiserver-authentication
 * (pkg/controlplane/controller/clusterauthenticationtrust). Writes only what is not there yet.
 */
export async function publishAuthentication(transport: ApiTransport, info: AuthenticationInfo): Promise<void> {
  const path = pathOf(configMaps, at)
  try {
    const current = await transport.request<ConfigMap>({ method: 'GET', path })
    const isRight = Object.entries(info).every(([key, value]) => current.data?.[key] === value)
    if (!isRight)
      await transport.request({ method: 'PUT', path, body: { ...current, data: { ...current.data, ...info } } })
  } catch (error) {
    if (!isNotFound(error)) throw error
    const { namespace } = at
    await transport.request({
      method: 'POST',
      path: pathOf(configMaps, { namespace }),
      body: { metadata: at, data: info },
    })
  }
}
