import type { KubeEvent } from '../../../shared/api/core.ts'
import type { StatusCause } from '../../../shared/api/object.ts'
import { invalid, required } from '../../../shared/machinery/field-errors.ts'
import { jsonEqual } from '../../../shared/machinery/json-value.ts'
import { validateEventForm } from '../core/event.ts'
import { immutable } from '../faults.ts'

const controller = 'reportingController'

/** Faults of a new event of this group, in the core group's form (pkg/apis/core/validation/events.go ValidateEventCreate). */
export function validateEvent(object: KubeEvent): StatusCause[] {
  const { eventTime, type = '', firstTimestamp, lastTimestamp, count = 0, source } = object
  const unset = (field: string, set: boolean) => (set ? [invalid(field, '', 'needs to be unset')] : [])
  return [
    ...validateEventForm(object, controller),
    ...validateSeries(object),
    ...(eventTime ? [] : [required('eventTime')]),
    ...(['Normal', 'Warning'].includes(type) ? [] : [invalid('type', '', `has invalid value: ${type}`)]),
    ...unset('firstTimestamp', firstTimestamp !== undefined),
    ...unset('lastTimestamp', lastTimestamp !== undefined),
    ...unset('count', count !== 0),
    ...unset('source', Boolean(source?.component) || Boolean(source?.host)),
  ]
}

function validateSeries({ series }: KubeEvent): StatusCause[] {
  if (!series) return []
  return [
    ...((series.count ?? 0) < 2 ? [invalid('series.count', '', 'should be at least 2')] : []),
    ...(series.lastObservedTime ? [] : [required('series.lastObservedTime')]),
  ]
}

const fixed = [
  'reason',
  'message',
  'firstTimestamp',
  'lastTimestamp',
  'count',
  'type',
  'eventTime',
  'action',
  'reportingInstance',
] as const
const references = ['involvedObject', 'related', 'source'] as const

/** Faults of a changed event: only its series goes on. */
export function validateEventUpdate(object: KubeEvent, old: KubeEvent): StatusCause[] {
  const zero = { count: 0, firstTimestamp: null, lastTimestamp: null, eventTime: null }
  const valueOf = (event: KubeEvent, field: (typeof fixed)[number]) =>
    event[field] ?? (field in zero ? zero[field as keyof typeof zero] : '')
  return [
    ...validateEventForm(object, controller),
    ...(jsonEqual(object.series, old.series) ? [] : validateSeries(object)),
    ...fixed
      .filter(field => valueOf(object, field) !== valueOf(old, field))
      .map(field => invalid(field, valueOf(object, field), immutable)),
    ...(object.reportingComponent === old.reportingComponent
      ? []
      : [invalid(controller, object.reportingComponent ?? '', immutable)]),
    ...references
      .filter(field => !jsonEqual(object[field], old[field]))
      .map(field => invalid(field, asGoPrints(object, field), immutable)),
  ]
}

/** Upstream prints its internal types, whose fields have no JSON names. */
function asGoPrints(object: KubeEvent, field: (typeof references)[number]): unknown {
  if (field === 'source') return { Component: object.source?.component ?? '', Host: object.source?.host ?? '' }
  const reference = object[field]
  if (!reference) return null
  const {
    kind = '',
    namespace = '',
    name = '',
    uid = '',
    apiVersion = '',
    resourceVersion = '',
    fieldPath = '',
  } = reference
  return {
    Kind: kind,
    Namespace: namespace,
    Name: name,
    UID: uid,
    APIVersion: apiVersion,
    ResourceVersion: resourceVersion,
    FieldPath: fieldPath,
  }
}
