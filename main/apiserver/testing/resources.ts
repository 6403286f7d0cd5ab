import { configMap } from '../../resources/core/config-map.ts'
import { endpoints } from '../../resources/core/endpoints.ts'
import { namespace } from '../../resources/core/namespace.ts'
import { secret } from '../../resources/core/secret.ts'
import { serviceAccount } from '../../resources/core/service-account.ts'
import { service } from '../../resources/core/service.ts'
import { endpointSlice } from '../../resources/discovery/endpoint-slice.ts'
import type { Resource } from '../../resources/resource.ts'

export const testResources = [
  configMap,
  endpoints,
  namespace,
  secret,
  serviceAccount,
  service,
  endpointSlice,
] as Resource[]
