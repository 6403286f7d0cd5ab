import { namespaces, serviceAccounts } from '../../shared/api/core.ts'
import type { Controller } from '../../shared/client/controller.ts'
import { each, mapped } from '../../shared/client/watches.ts'
import { isAlreadyExists } from '../../shared/machinery/status.ts'
import { isNamespaceTerminating } from './namespace-terminating.ts'

/** Every namespace has a ServiceAccount `default` (pkg/controller/serviceaccount). */
export const serviceAccountController: Controller = {
  name: 'serviceaccount-controller',
  watches: [
    each(namespaces),
    mapped(serviceAccounts, ({ metadata }) =>
      metadata.name === 'default' ? [{ namespace: '', name: metadata.namespace ?? '' }] : [],
    ),
  ],

  async reconcile(key, { client, informers }) {
    const namespace = informers.informer(namespaces).get(key)
    if (!namespace || namespace.metadata.deletionTimestamp) return
    const account = { namespace: key.name, name: 'default' }
    if (informers.informer(serviceAccounts).get(account)) return
    try {
      await client.create(serviceAccounts, { metadata: account })
    } catch (error) {
      if (!isAlreadyExists(error) && !isNamespaceTerminating(error)) throw error
    }
  },
}
