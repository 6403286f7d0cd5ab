import { anyKind, type Resource } from '../resource.ts'
import { binding } from './pod/binding.ts'
import { componentStatus } from './component-status.ts'
import { configMap } from './config-map.ts'
import { endpoints } from './service/endpoints.ts'
import { event } from './event.ts'
import { limitRange } from './quota/limit-range.ts'
import { namespace } from './namespace.ts'
import { node } from './node/node.ts'
import { persistentVolumeClaim } from './persistent-volume/persistent-volume-claim.ts'
import { persistentVolume } from './persistent-volume/persistent-volume.ts'
import { podTemplate } from './pod/pod-template.ts'
import { pod } from './pod/pod.ts'
import { replicationController } from './replication-controller.ts'
import { resourceQuota } from './quota/resource-quota.ts'
import { secret } from './secret.ts'
import { serviceAccount } from './service-account.ts'
import { service } from './service/service.ts'

export const coreKinds: readonly Resource[] = [
  anyKind(binding),
  anyKind(componentStatus),
  anyKind(configMap),
  anyKind(endpoints),
  anyKind(event),
  anyKind(limitRange),
  anyKind(namespace),
  anyKind(node),
  anyKind(persistentVolumeClaim),
  anyKind(persistentVolume),
  anyKind(pod),
  anyKind(podTemplate),
  anyKind(replicationController),
  anyKind(resourceQuota),
  anyKind(secret),
  anyKind(serviceAccount),
  anyKind(service),
]
