import { pods, type Pod } from '../../../../shared/api/core.ts'
import { toTime } from '../../../../shared/machinery/clock.ts'
import { bumpGeneration, startGeneration } from '../../generation.ts'
import { defineResource, type StrategyContext } from '../../resource.ts'
import { schemaOf } from '../../schemas.ts'
import { dropDisabledFields } from './disabled-fields.ts'
import { podColumns } from './pod-columns.ts'
import { setPodDefaults, syncServiceAccount } from './pod-defaults.ts'
import { prepareEphemeralContainers, validateEphemeralContainersUpdate } from './pod-ephemeral-containers.ts'
import { applyLabelKeys } from './pod-label-keys.ts'
import { prepareResize, validateResize } from './pod-resize.ts'
import { preparePodStatus, validatePodStatus } from './pod-status.ts'
import { validatePodUpdate } from './pod-update-validation.ts'
import { validatePod } from './pod-validation.ts'
import { qosClassOf } from '../../../../shared/machinery/qos-class.ts'
import { podWarnings } from '../../warnings/pod.ts'
import { ipWarnings } from '../../warnings/addresses.ts'
import { syncAppArmor } from './app-armor.ts'

export const pod = defineResource(pods, {
  shortNames: ['po'],
  categories: ['all'],
  schema: () => schemaOf('io.k8s.api.core.v1.Pod'),
  setDefaults: setPodDefaults,
  prepareForCreate,
  prepareForUpdate: (object, old) => {
    syncServiceAccount(object.spec)
    dropDisabledFields(object.spec)
    bumpGeneration(object, old)
  },
  validate: validatePod,
  validateUpdate: validatePodUpdate,
  warnings: (object, old) => (old ? [] : podWarnings(object)),
  status: { prepareForUpdate: preparePodStatus, validateUpdate: validatePodStatus, warnings: statusWarnings },
  parts: {
    ephemeralcontainers: {
      prepareForUpdate: prepareEphemeralContainers,
      validateUpdate: validateEphemeralContainersUpdate,
    },
    resize: { prepareForUpdate: prepareResize, validateUpdate: validateResize },
  },
  gracePeriod,
  fields: {
    'spec.nodeName': ({ spec }) => spec.nodeName ?? '',
    'spec.restartPolicy': ({ spec }) => spec.restartPolicy ?? '',
    'spec.schedulerName': ({ spec }) => spec.schedulerName ?? '',
    'spec.serviceAccountName': ({ spec }) => spec.serviceAccountName ?? '',
    'spec.hostNetwork': ({ spec }) => String(spec.hostNetwork ?? false),
    'status.phase': ({ status }) => status?.phase ?? '',
    'status.podIP': ({ status }) => status?.podIPs?.[0]?.ip ?? '',
    'status.podIPs': ({ status }) => status?.podIPs?.[0]?.ip ?? '',
    'status.nominatedNodeName': ({ status }) => status?.nominatedNodeName ?? '',
  },
  columns: podColumns,
})

function statusWarnings({ status }: Pod): string[] {
  const { podIPs = [], hostIPs = [] } = status ?? {}
  return [
    ...podIPs.flatMap(({ ip }, i) => ipWarnings(`status.podIPs[${i}].ip`, ip)),
    ...hostIPs.flatMap(({ ip }, i) => ipWarnings(`status.hostIPs[${i}].ip`, ip)),
  ]
}

function prepareForCreate(object: Pod, { now, warn }: StrategyContext): void {
  const { spec } = object
  startGeneration(object)
  // Admission may have chosen the service account.
  syncServiceAccount(spec)
  dropDisabledFields(spec)
  object.status = { phase: 'Pending', qosClass: qosClassOf(spec) }
  if ((spec.schedulingGates ?? []).length > 0) {
    const message = 'Scheduling is blocked due to non-empty scheduling gates'
    const lastTransitionTime = toTime(now)
    object.status.conditions = [
      { type: 'PodScheduled', status: 'False', lastTransitionTime, reason: 'SchedulingGated', message },
    ]
  }
  applyLabelKeys(object)
  syncAppArmor(object, warn)
}

/** A pod that no kubelet runs goes at once (podStrategy.CheckGracefulDelete). */
function gracePeriod({ spec, status }: Pod, asked: number | undefined): number {
  if (!spec.nodeName || status?.phase === 'Failed' || status?.phase === 'Succeeded') return 0
  const seconds = asked ?? spec.terminationGracePeriodSeconds ?? 0
  return seconds < 0 ? 1 : seconds
}
