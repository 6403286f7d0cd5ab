import type { EventsV1Event } from '@kubernetes/client-node/dist/gen/models/EventsV1Event.js'
import type { Stored } from './object.ts'
import type { ResourceRef } from './ref.ts'

/** A KubeEvent with the names of events.k8s.io. */
export interface EventsEvent extends Stored<EventsV1Event> {}

/** The second way to the events of the core group. */
export const eventsEvents: ResourceRef<EventsEvent> = {
  group: 'events.k8s.io',
  version: 'v1',
  resource: 'events',
  kind: 'Event',
  namespaced: true,
}
