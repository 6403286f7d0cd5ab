import type { HorizontalPodAutoscaler } from '../../../shared/api/autoscaling.ts'
import { ensureStructs } from '../structs.ts'

type Spec = HorizontalPodAutoscaler['spec']
type Metric = NonNullable<Spec['metrics']>[number]
type Rules = NonNullable<NonNullable<Spec['behavior']>['scaleUp']>

/** The share of the CPU asked for that is aimed at where nothing is said. */
export const defaultUtilization = 80

/** What is aimed at without metrics. */
export function cpuMetric(averageUtilization: number): Metric {
  return { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization } } }
}

/** pkg/apis/autoscaling/v2/defaults.go SetDefaults_HorizontalPodAutoscaler. */
export function setAutoscalerDefaults(object: HorizontalPodAutoscaler): void {
  const spec = ((object as Partial<HorizontalPodAutoscaler>).spec ??= {} as Spec)
  // Numbers and structs in Go, so never absent there.
  const sent = spec as Partial<Spec>
  sent.maxReplicas ??= 0
  sent.scaleTargetRef ??= { kind: '', name: '' }
  spec.minReplicas ??= 1
  if ((spec.metrics ?? []).length === 0) spec.metrics = [cpuMetric(defaultUtilization)]
  spec.metrics?.forEach(ensureSourceStructs)
  if (!spec.behavior) return
  spec.behavior.scaleUp = { ...scaleUp(), ...spec.behavior.scaleUp }
  spec.behavior.scaleDown = { ...scaleDown(), ...spec.behavior.scaleDown }
}

function ensureSourceStructs({ object, pods, external, resource, containerResource }: Metric): void {
  for (const source of [object, pods, external]) if (source) ensureStructs(source, 'metric', 'target')
  if (object) ensureStructs(object, 'describedObject')
  for (const source of [resource, containerResource]) if (source) ensureStructs(source, 'target')
}

const percent = { type: 'Percent', value: 100, periodSeconds: 15 }

/** Doubled, or four pods more, every 15 s. */
const scaleUp = (): Rules => ({
  stabilizationWindowSeconds: 0,
  selectPolicy: 'Max',
  policies: [{ type: 'Pods', value: 4, periodSeconds: 15 }, { ...percent }],
})

/** All at once after the controller's own stabilisation window. */
const scaleDown = (): Rules => ({ selectPolicy: 'Max', policies: [{ ...percent }] })
