import type { HorizontalPodAutoscaler } from '../../../shared/api/autoscaling.ts'
import type { StatusCause } from '../../../shared/api/object.ts'
import { child, forbidden, invalid, notSupported, required } from '../../../shared/machinery/field-errors.ts'
import { isDns1123Label, isPathSegmentName } from '../../../shared/machinery/names.ts'
import { compareQuantities } from '../../../shared/machinery/quantity.ts'
import { validateContainerResourceName } from '../core/container/resource-validation.ts'
import { invalidFor } from '../faults.ts'
import { validateTargetReference } from './target-reference-validation.ts'

type Metric = NonNullable<HorizontalPodAutoscaler['spec']['metrics']>[number]
type Target = NonNullable<Metric['pods']>['target']
type Source = 'object' | 'external' | 'pods' | 'resource' | 'containerResource'

const sourceOf: Partial<Record<string, Source>> = {
  ContainerResource: 'containerResource',
  External: 'external',
  Object: 'object',
  Pods: 'pods',
  Resource: 'resource',
}

/** In the order in which upstream looks at them; only the first one that is there is looked at closely. */
const sources: readonly Source[] = ['object', 'external', 'pods', 'resource', 'containerResource']

/** What is wrong with one metric (pkg/apis/autoscaling/validation validateMetricSpec). */
export function validateMetric(metric: Metric, path: string): StatusCause[] {
  const present = sources.filter(source => metric[source] !== undefined)
  const [first] = present
  const expected = sourceOf[metric.type]
  const type = child(path, 'type')
  const others = present.length === 1 ? [] : present.filter(source => source !== expected)
  return [
    ...(metric.type ? [] : [required(type, 'must specify a metric source type')]),
    ...(expected ? [] : [notSupported(type, metric.type, Object.keys(sourceOf))]),
    ...(first ? validateSource(metric, first, child(path, first)) : []),
    ...(expected && metric[expected] === undefined
      ? [required(child(path, expected), 'must populate information for the given metric source')]
      : []),
    ...others.map(source => forbidden(child(path, source), 'must populate the given metric source only')),
  ]
}

function validateSource(metric: Metric, source: Source, path: string): StatusCause[] {
  const at = (field: string) => child(path, field)
  const value = metric[source]
  if (!value) return []
  const { target } = value
  const aims = validateTarget(target, at('target'))
  const identified = 'metric' in value ? validateName(value.metric.name, child(path, 'metric', 'name')) : []
  switch (source) {
    case 'object': {
      const { describedObject } = metric.object ?? {}
      const object = describedObject ? validateTargetReference(describedObject, at('describedObject'), 'any group') : []
      return [...object, ...identified, ...aims, ...oneAim(target, at('target'), objectAims)]
    }
    case 'external':
      return [...identified, ...aims, ...oneAim(target, at('target'), externalAims)]
    case 'pods':
      return [...identified, ...aims, ...oneAim(target, at('target'), podAims)]
    case 'resource':
      return [...named(metric.resource?.name, at('name')), ...aims, ...oneAim(target, at('target'), resourceAims)]
    case 'containerResource': {
      const { name = '', container = '' } = metric.containerResource ?? {}
      const where = at('container')
      return [
        ...named(name, at('name')),
        ...(name ? validateContainerResourceName(name, at('name')) : []),
        ...(container
          ? invalidFor(where, container, isDns1123Label(container))
          : [required(where, 'must specify a container')]),
        ...aims,
        ...oneAim(target, at('target'), resourceAims),
      ]
    }
  }
}

const named = (name: string | undefined, path: string) => (name ? [] : [required(path, 'must specify a resource name')])

function validateName(name: string, path: string): StatusCause[] {
  return name ? invalidFor(path, name, isPathSegmentName(name)) : [required(path, 'must specify a metric name')]
}

type Aim = 'value' | 'averageValue' | 'averageUtilization'

interface Aims {
  /** One of these must be set; upstream reports it at the first. */
  oneOf: readonly Aim[]
  missing: string
  /** Set together with all others of `oneOf`: reported here. */
  both?: { field: Aim; detail: string }
}

const objectAims: Aims = { oneOf: ['averageValue', 'value'], missing: 'must set either a target value or averageValue' }
const externalAims: Aims = {
  oneOf: ['averageValue', 'value'],
  missing: 'must set either a target value for metric or a per-pod target',
  both: { field: 'value', detail: 'may not set both a target value for metric and a per-pod target' },
}
const podAims: Aims = { oneOf: ['averageValue'], missing: 'must specify a positive target averageValue' }
const resourceAims: Aims = {
  oneOf: ['averageUtilization', 'averageValue'],
  missing: 'must set either a target raw value or a target utilization',
  both: { field: 'averageValue', detail: 'may not set both a target raw value and a target utilization' },
}

function oneAim(target: Target, path: string, { oneOf, missing, both }: Aims): StatusCause[] {
  const set = oneOf.filter(aim => target[aim] !== undefined)
  if (set.length === 0) return [required(child(path, oneOf[0] ?? ''), missing)]
  return both && set.length === oneOf.length ? [forbidden(child(path, both.field), both.detail)] : []
}

function validateTarget(target: Target, path: string): StatusCause[] {
  const { type = '', averageUtilization: utilization } = target as Partial<Target>
  const at = (field: string) => child(path, field)
  const known = type === 'Utilization' || type === 'Value' || type === 'AverageValue'
  const quantities = (['value', 'averageValue'] as const).flatMap(field => {
    const amount = target[field]
    const positive = amount === undefined || compareQuantities(amount, 0) > 0
    return positive ? [] : [invalid(at(field), amount, 'must be positive')]
  })
  return [
    ...(type ? [] : [required(at('type'), 'must specify a metric target type')]),
    ...(known ? [] : [invalid(at('type'), type, 'must be either Utilization, Value, or AverageValue')]),
    ...quantities,
    ...(utilization !== undefined && utilization < 1
      ? [invalid(at('averageUtilization'), utilization, 'must be greater than 0')]
      : []),
  ]
}
