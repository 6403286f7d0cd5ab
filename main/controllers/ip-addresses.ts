import { services, type Service } from '../../shared/api/core.ts'
import { ipAddresses, type IPAddress } from '../../shared/api/networking.ts'
import type { ObjectKey } from '../../shared/api/object.ts'
import type { Controller } from '../../shared/client/controller.ts'
import { each, mapped } from '../../shared/client/watches.ts'
import { unlessGone } from '../../shared/client/unless-gone.ts'
import { isAlreadyExists } from '../../shared/machinery/status.ts'

/** What upstream's allocator puts on the addresses that it manages (core/service/ipallocator newIPAddress). */
const labels = {
  'ipaddress.kubernetes.io/ip-family': 'IPv4',
  'ipaddress.kubernetes.io/managed-by': 'ipallocator.k8s.io',
}

/**
 * An IPAddress for each cluster IP of a Service (KEP-1880). Upstream's API server makes it before the Service and deletes
 * it after, and a loop mends what went wrong between; here the Services alone say what is held, and the loop does it all,
 * a moment later. Addresses that users made stay as they are.
 */
export const ipAddressController: Controller = {
  name: 'service-ip-address-controller',
  watches: [each(services), mapped(ipAddresses, address => parentsOf(address))],

  async reconcile(key, { client, informers }) {
    const service = informers.informer(services).get(key)
    const wanted = new Set(service ? addressesOf(service) : [])
    const known = informers.informer(ipAddresses)
    const isOwn = (address: IPAddress) =>
      parentsOf(address).some(({ namespace, name }) => namespace === key.namespace && name === key.name)
    for (const { metadata } of known.list().filter(isOwn)) {
      if (wanted.has(metadata.name)) continue
      const { uid, name } = metadata
      await unlessGone(client.delete(ipAddresses, { namespace: '', name }, { preconditions: { uid } }))
    }
    for (const name of wanted) {
      if (known.get({ namespace: '', name })) continue
      const spec = { parentRef: { resource: 'services', ...key } }
      try {
        await client.create(ipAddresses, { metadata: { name, labels }, spec })
      } catch (error) {
        if (!isAlreadyExists(error)) throw error
      }
    }
  },
}

const addressesOf = ({ spec }: Service) => (spec.clusterIPs ?? []).filter(ip => ip !== 'None' && ip !== '')

/** The Service that a managed address belongs to. */
function parentsOf({ metadata, spec }: IPAddress): ObjectKey[] {
  const managedBy = metadata.labels?.['ipaddress.kubernetes.io/managed-by']
  const { group = '', resource, namespace = '', name } = spec.parentRef
  const isService = group === '' && resource === 'services'
  return isService && managedBy === 'ipallocator.k8s.io' ? [{ namespace, name }] : []
}
