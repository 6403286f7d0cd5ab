import type { HorizontalPodAutoscaler } from '../../../shared/api/autoscaling.ts'
import { ageColumn, nameColumn } from '../name-column.ts'
import type { Column } from '../resource.ts'

type Metric = NonNullable<HorizontalPodAutoscaler['spec']['metrics']>[number]
type Current = NonNullable<NonNullable<HorizontalPodAutoscaler['status']>['currentMetrics']>[number]
type Target = NonNullable<Metric['pods']>['target']
type Value = NonNullable<Current['pods']>['current']

export const autoscalerColumns: Column<HorizontalPodAutoscaler>[] = [
  nameColumn,
  {
    name: 'Reference',
    type: 'string',
    cell: ({ spec: { scaleTargetRef } }) => `${scaleTargetRef.kind}/${scaleTargetRef.name}`,
  },
  { name: 'Targets', type: 'string', cell: printTargets },
  { name: 'MinPods', type: 'string', cell: ({ spec }) => String(spec.minReplicas ?? '<unset>') },
  { name: 'MaxPods', type: 'string', cell: ({ spec }) => spec.maxReplicas },
  { name: 'Replicas', type: 'string', cell: ({ status }) => status?.currentReplicas ?? 0 },
  ageColumn,
]

/** The first two metrics, each as now/aim (printers.go formatHPAMetrics). */
function printTargets({ spec: { metrics = [] }, status }: HorizontalPodAutoscaler): string {
  const texts = metrics.map((metric, i) => printMetric(metric, status?.currentMetrics?.[i]))
  const shown = texts.slice(0, 2).join(', ')
  if (texts.length === 0) return '<none>'
  return texts.length > 2 ? `${shown} + ${texts.length - 2} more...` : shown
}

function printMetric(metric: Metric, current: Current | undefined): string {
  switch (metric.type) {
    case 'External':
      return printValue(metric.external?.target, current?.external?.current)
    case 'Object':
      return printValue(metric.object?.target, current?.object?.current)
    case 'Pods':
      return `${amount(current?.pods, current?.pods?.current.averageValue)}/${metric.pods?.target.averageValue ?? ''}`
    case 'Resource':
      return printResource(metric.resource, current?.resource)
    case 'ContainerResource':
      return printResource(metric.containerResource, current?.containerResource)
    default:
      return '<unknown type>'
  }
}

const unknown = '<unknown>'

/** A measured amount that is left out counts as none. */
const amount = (measured: object | undefined, value: string | undefined) => (measured ? (value ?? '<nil>') : unknown)

function printValue(target: Target | undefined, current: Value | undefined): string {
  if (target?.averageValue !== undefined) return `${current?.averageValue ?? unknown}/${target.averageValue} (avg)`
  return `${amount(current, current?.value)}/${target?.value ?? '<nil>'}`
}

interface Measured {
  name: string
  target?: Target
  current?: Value
}

function printResource(wanted: Measured | undefined, measured: Measured | undefined): string {
  const { name = '', target } = wanted ?? {}
  if (target?.averageValue !== undefined) {
    return `${name}: ${amount(measured, measured?.current?.averageValue)}/${target.averageValue}`
  }
  const utilization = measured?.current?.averageUtilization
  const now = utilization === undefined ? unknown : `${utilization}%`
  const aim = target?.averageUtilization === undefined ? '<auto>' : `${target.averageUtilization}%`
  return `${name}: ${now}/${aim}`
}
