import { events, type KubeEvent } from '../../../shared/api/core.ts'
import { eventsEvents, type EventsEvent } from '../../../shared/api/events.ts'
import { event as coreEvent } from '../core/event.ts'
import { defineResource, storedAs } from '../resource.ts'
import { schemaOf } from '../schemas.ts'
import { ensureStructs } from '../structs.ts'
import { validateEvent, validateEventUpdate } from './event-validation.ts'

/** Events under the names of events.k8s.io; they are stored as those of the core group, and either group shows all of them. */
export const event = defineResource(eventsEvents, {
  shortNames: ['ev'],
  schema: () => schemaOf('io.k8s.api.events.v1.Event'),
  stored: storedAs(eventsEvents, events, { from: fromCore, to: toCore }),
  createOnUpdate: true,
  hasDependents: false,
  setDefaults: object => ensureStructs(object, 'regarding', 'deprecatedSource'),
  validate: object => validateEvent(toCore(object)),
  validateUpdate: (object, old) => validateEventUpdate(toCore(object), toCore(old)),
  fields: {
    'regarding.kind': ({ regarding }) => regarding?.kind ?? '',
    'regarding.namespace': ({ regarding }) => regarding?.namespace ?? '',
    'regarding.name': ({ regarding }) => regarding?.name ?? '',
    'regarding.uid': ({ regarding }) => regarding?.uid ?? '',
    'regarding.apiVersion': ({ regarding }) => regarding?.apiVersion ?? '',
    'regarding.resourceVersion': ({ regarding }) => regarding?.resourceVersion ?? '',
    'regarding.fieldPath': ({ regarding }) => regarding?.fieldPath ?? '',
    reason: object => object.reason ?? '',
    reportingController: object => object.reportingController ?? '',
    type: object => object.type ?? '',
  },
  columns: coreEvent.columns.map(column => ({ ...column, cell: (object, now) => column.cell(toCore(object), now) })),
})

/** pkg/apis/events/v1/conversion.go, and below the other way. */
function toCore(object: EventsEvent): KubeEvent {
  const {
    note,
    regarding,
    reportingController,
    deprecatedSource,
    deprecatedFirstTimestamp,
    deprecatedLastTimestamp,
    deprecatedCount,
    eventTime,
    ...rest
  } = object
  return {
    ...rest,
    involvedObject: regarding ?? {},
    ...(eventTime && { eventTime }),
    ...(note !== undefined && { message: note }),
    ...(reportingController !== undefined && { reportingComponent: reportingController }),
    ...(deprecatedSource && { source: deprecatedSource }),
    ...(deprecatedFirstTimestamp !== undefined && { firstTimestamp: deprecatedFirstTimestamp }),
    ...(deprecatedLastTimestamp !== undefined && { lastTimestamp: deprecatedLastTimestamp }),
    ...(deprecatedCount !== undefined && { count: deprecatedCount }),
  }
}

function fromCore(object: KubeEvent): EventsEvent {
  const { message, involvedObject, reportingComponent, source, firstTimestamp, lastTimestamp, count, ...rest } = object
  const { eventTime, series, ...others } = rest
  return {
    ...others,
    // Required, and null in events of the old form.
    ...({ eventTime: eventTime ?? null } as Pick<EventsEvent, 'eventTime'>),
    ...(series && { series: { count: 0, lastObservedTime: '', ...series } }),
    regarding: involvedObject,
    ...(message !== undefined && { note: message }),
    ...(reportingComponent !== undefined && { reportingController: reportingComponent }),
    ...(source && { deprecatedSource: source }),
    ...(firstTimestamp !== undefined && { deprecatedFirstTimestamp: firstTimestamp }),
    ...(lastTimestamp !== undefined && { deprecatedLastTimestamp: lastTimestamp }),
    ...(count !== undefined && { deprecatedCount: count }),
  }
}
