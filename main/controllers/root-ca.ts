import { configMaps, namespaces } from '../../shared/api/core.ts'
import type { Controller } from '../../shared/client/controller.ts'
import { each, mapped } from '../../shared/client/watches.ts'
import { isAlreadyExists } from '../../shared/machinery/status.ts'
import { isNamespaceTerminating } from './namespace-terminating.ts'

const name = 'kube-root-ca.crt'
const description =
  'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.'

/**
 * Every namespace has a ConfigMap `kube-root-ca.crt` with the cluster's CA, for the service account volume
 * (pkg/controller/certificates/rootcacertpublisher). `rootCa` is PEM.
 */
export function rootCaController({ rootCa }: { rootCa: string }): Controller {
  return {
    name: 'root-ca-certificate-publisher-controller',
    watches: [
      each(namespaces),
      mapped(configMaps, ({ metadata }) =>
        metadata.name === name ? [{ namespace: '', name: metadata.namespace ?? '' }] : [],
      ),
    ],

    async reconcile(key, { client, informers }) {
      const namespace = informers.informer(namespaces).get(key)
      if (!namespace || namespace.metadata.deletionTimestamp) return
      const data = { 'ca.crt': rootCa }
      const metadata = { namespace: key.name, name, annotations: { 'kubernetes.io/description': description } }
      const current = informers.informer(configMaps).get({ namespace: key.name, name })
      if (current?.data?.['ca.crt'] === rootCa && Object.keys(current.data).length === 1) return
      try {
        if (current) {
          const annotations = { ...current.metadata.annotations, ...metadata.annotations }
          await client.update(configMaps, { ...current, metadata: { ...current.metadata, annotations }, data })
        } else await client.create(configMaps, { metadata, data })
      } catch (error) {
        if (!isAlreadyExists(error) && !isNamespaceTerminating(error)) throw error
      }
    },
  }
}
