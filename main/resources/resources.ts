import type { KubeObject } from '../../shared/api/object.ts'
import { customResourceDefinition } from './apiextensions/custom-resource-definition.ts'
import { deployment } from './apps/deployment.ts'
import { replicaSet } from './apps/replica-set.ts'
import { lease } from './coordination/lease.ts'
import { binding } from './core/binding.ts'
import { configMap } from './core/config-map.ts'
import { endpoints } from './core/endpoints.ts'
import { event } from './core/event.ts'
import { namespace } from './core/namespace.ts'
import { node } from './core/node.ts'
import { pod } from './core/pod.ts'
import { secret } from './core/secret.ts'
import { serviceAccount } from './core/service-account.ts'
import { service } from './core/service.ts'
import { endpointSlice } from './discovery/endpoint-slice.ts'
import type { Resource } from './resource.ts'

/**
 * The registry keeps kinds of all types in one list. It hands every hook an object of the hook's own kind, which the type
 * system can't know: this is the one place where the types are let go.
 */
function erase<T extends KubeObject>(resource: Resource<T>): Resource {
  return resource as unknown as Resource
}

/** The kinds that are part of the server, in the order of upstream's discovery. */
export const builtInResources: readonly Resource[] = [
  erase(binding),
  erase(configMap),
  erase(endpoints),
  erase(event),
  erase(namespace),
  erase(node),
  erase(pod),
  erase(secret),
  erase(serviceAccount),
  erase(service),
  erase(deployment),
  erase(replicaSet),
  erase(lease),
  erase(endpointSlice),
  erase(customResourceDefinition),
]
