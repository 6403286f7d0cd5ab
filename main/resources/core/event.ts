import { events, type KubeEvent } from '../../../shared/api/core.ts'
import type { StatusCause } from '../../../shared/api/object.ts'
import { invalid, required } from '../../../shared/machinery/field-errors.ts'
import { ageOf } from '../../../shared/machinery/duration.ts'
import { byteLength, isQualifiedName } from '../../../shared/machinery/names.ts'
import { invalidFor } from '../faults.ts'
import { nameColumn } from '../name-column.ts'
import { defineResource } from '../resource.ts'
import { schemaOf } from '../schemas.ts'

export const event = defineResource(events, {
  shortNames: ['ev'],
  schema: () => schemaOf('io.k8s.api.core.v1.Event'),
  createOnUpdate: true,
  hasDependents: false,
  setDefaults: object => {
    // Required, yet what clients send may lack it.
    if (!Object.hasOwn(object, 'involvedObject')) object.involvedObject = {}
  },
  validate: object => validateEventForm(object, 'reportingComponent'),
  validateUpdate: object => validateEventForm(object, 'reportingComponent'),
  fields: {
    'involvedObject.kind': object => object.involvedObject.kind ?? '',
    'involvedObject.namespace': object => object.involvedObject.namespace ?? '',
    'involvedObject.name': object => object.involvedObject.name ?? '',
    'involvedObject.uid': object => object.involvedObject.uid ?? '',
    'involvedObject.apiVersion': object => object.involvedObject.apiVersion ?? '',
    'involvedObject.resourceVersion': object => object.involvedObject.resourceVersion ?? '',
    'involvedObject.fieldPath': object => object.involvedObject.fieldPath ?? '',
    reason: object => object.reason ?? '',
    reportingComponent: object => object.reportingComponent ?? '',
    source: object => object.source?.component || (object.reportingComponent ?? ''),
    type: object => object.type ?? '',
  },
  columns: [
    { name: 'Last Seen', type: 'string', cell: lastSeen },
    { name: 'Type', type: 'string', cell: object => object.type ?? '' },
    { name: 'Reason', type: 'string', cell: object => object.reason ?? '' },
    { name: 'Object', type: 'string', cell: printObject },
    { name: 'Subobject', type: 'string', priority: 1, cell: object => object.involvedObject.fieldPath ?? '' },
    { name: 'Source', type: 'string', priority: 1, cell: printSource },
    { name: 'Message', type: 'string', cell: object => (object.message ?? '').trim() },
    { name: 'First Seen', type: 'string', priority: 1, cell: firstSeen },
    { name: 'Count', type: 'string', priority: 1, cell: object => object.series?.count ?? (object.count || 1) },
    { ...nameColumn, priority: 1 },
  ],
})

function firstSeen({ firstTimestamp, eventTime }: KubeEvent, now: number): string {
  return ageOf(firstTimestamp ?? eventTime, now)
}

function lastSeen(object: KubeEvent, now: number): string {
  if (object.series) return ageOf(object.series.lastObservedTime, now)
  return object.lastTimestamp ? ageOf(object.lastTimestamp, now) : firstSeen(object, now)
}

function printObject({ involvedObject: { kind = '', name } }: KubeEvent): string {
  return name ? `${kind.toLowerCase()}/${name}` : kind.toLowerCase()
}

function printSource({ source, reportingComponent, reportingInstance }: KubeEvent): string {
  const component = source?.component || (reportingComponent ?? '')
  const instance = source?.host || (reportingInstance ?? '')
  return instance ? `${component}, ${instance}` : component
}

/**
 * Events of the old form need only agree with their object's namespace; those with an eventTime are held to the rules
 * of events.k8s.io (pkg/apis/core/validation/events.go legacyValidateEvent). `controller` is what the group calls reportingComponent.
 */
export function validateEventForm(object: KubeEvent, controller: string): StatusCause[] {
  const namespace = object.metadata.namespace ?? ''
  const subject = object.involvedObject.namespace ?? ''
  const clusterNamespaces = object.eventTime ? ['default', 'kube-system'] : ['', 'default']
  const agrees =
    subject === '' ? clusterNamespaces.includes(namespace) : Boolean(object.eventTime) || subject === namespace
  const mismatch = agrees ? [] : [invalid('involvedObject.namespace', subject, 'does not match event.namespace')]
  return object.eventTime ? [...mismatch, ...validateNewForm(object, controller)] : mismatch
}

function validateNewForm(object: KubeEvent, controller: string): StatusCause[] {
  const { reportingComponent = '', reportingInstance = '', action = '', reason = '', message = '' } = object
  const filled = (field: string, value: string) => (value ? [] : [required(field)])
  const within = ({ field, value, limit }: { field: string; value: string; limit: number }) =>
    byteLength(value) > limit ? [invalid(field, '', `can have at most ${limit} characters`)] : []
  return [
    ...filled(controller, reportingComponent),
    ...invalidFor(controller, reportingComponent, isQualifiedName(reportingComponent)),
    ...filled('reportingInstance', reportingInstance),
    ...within({ field: 'reportingInstance', value: reportingInstance, limit: 128 }),
    ...filled('action', action),
    ...within({ field: 'action', value: action, limit: 128 }),
    ...filled('reason', reason),
    ...within({ field: 'reason', value: reason, limit: 128 }),
    ...within({ field: 'message', value: message, limit: 1024 }),
  ]
}
