import type { Deployment, ReplicaSet } from '../../shared/api/apps.ts'
import type { KubeEvent, Pod, Service } from '../../shared/api/core.ts'
import type { KubeObject } from '../../shared/api/object.ts'
import { nodeStatus } from './node-status.ts'
import { podStatus } from './pod-status.ts'
import { condition, conditionsOf, since, type ObjectStatus, type StatusContext } from './status.ts'
import {
  cronJobStatus,
  daemonSetStatus,
  deploymentStatus,
  jobStatus,
  replicaSetStatus,
  statefulSetStatus,
} from './workload-status.ts'

type StatusFunction = (object: KubeObject, context: StatusContext) => ObjectStatus | undefined

/** By kind and group; what is not here is read from its conditions. */
const byKind: Readonly<Record<string, StatusFunction>> = {
  'Pod/': (o, { now }) => podStatus(o as Pod, now),
  'Service/': (o, context) => serviceStatus(o as Service, context),
  'Node/': o => nodeStatus(o),
  'Namespace/': o => phaseStatus(o),
  'PersistentVolume/': o => phaseStatus(o),
  'PersistentVolumeClaim/': (o, { now }) => claimStatus(o, now),
  'Event/': o =>
    (o as KubeEvent).type === 'Warning' ? { mark: 'warn', word: 'Warning' } : { mark: 'ok', word: 'Normal' },
  'Deployment/apps': (o, context) => deploymentStatus(o as Deployment, context),
  'ReplicaSet/apps': (o, context) => replicaSetStatus(o as ReplicaSet, context),
  'StatefulSet/apps': statefulSetStatus,
  'DaemonSet/apps': daemonSetStatus,
  'Job/batch': o => jobStatus(o),
  'CronJob/batch': o => cronJobStatus(o),
}

/** The state of any object, or undefined for kinds that have none (ConfigMap, ServiceAccount, …). */
export function statusOf(object: KubeObject, context: StatusContext): ObjectStatus | undefined {
  if (object.metadata.deletionTimestamp) return { mark: 'pend', word: 'Terminating' }
  const [group] = (object.apiVersion ?? 'v1').includes('/') ? (object.apiVersion ?? '').split('/') : ['']
  const specific = byKind[`${object.kind ?? ''}/${group ?? ''}`]
  return specific ? specific(object, context) : fromConditions(object)
}

function serviceStatus(service: Service, context: StatusContext): ObjectStatus {
  const { selector, type } = service.spec
  if (type === 'ExternalName') return { mark: 'ok', word: 'Active' }
  const endpoints = context.endpoints(service.metadata.namespace ?? '', service.metadata.name)
  if (!endpoints) return selector ? { mark: 'unk', word: 'NoReport' } : { mark: 'ok', word: 'Active' }
  if (endpoints.ready === 0)
    return selector ? { mark: 'err', word: 'NoEndpoints' } : { mark: 'unk', word: 'NoEndpoints' }
  return endpoints.ready < endpoints.total ? { mark: 'warn', word: 'ShortOfEndpoints' } : { mark: 'ok', word: 'Active' }
}

type Phased = KubeObject & { status?: { phase?: string } }

function phaseStatus(object: KubeObject): ObjectStatus {
  const phase = (object as Phased).status?.phase ?? 'Active'
  if (phase === 'Terminating' || phase === 'Pending') return { mark: 'pend', word: phase }
  if (phase === 'Lost' || phase === 'Failed') return { mark: 'err', word: phase }
  return { mark: phase === 'Released' ? 'unk' : 'ok', word: phase }
}

function claimStatus(object: KubeObject, now: number): ObjectStatus {
  const status = phaseStatus(object)
  const late = status.word === 'Pending' && since(object.metadata.creationTimestamp, now) > 60_000
  return late ? { mark: 'warn', word: 'Pending' } : status
}

/** Custom resources that follow the API conventions say Ready, Available or the like. */
function fromConditions(object: KubeObject): ObjectStatus | undefined {
  const stalled = condition(object, 'Stalled') ?? condition(object, 'Failed') ?? condition(object, 'Degraded')
  if (stalled?.status === 'True') return { mark: 'err', word: stalled.reason || stalled.type }
  const known = conditionsOf(object).find(c =>
    ['Ready', 'Available', 'Established', 'Healthy', 'Synced'].includes(c.type),
  )
  if (!known) return undefined
  if (known.status === 'True') return { mark: 'ok', word: known.type }
  return known.status === 'False' ? { mark: 'err', word: known.reason || 'NotReady' } : { mark: 'unk', word: 'Unknown' }
}
