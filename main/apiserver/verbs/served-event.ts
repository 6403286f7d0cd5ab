import type { Resource, StorageForm } from '../../resources/resource.ts'
import type { StoreEvent } from '../../store/store.ts'
import { servedAll } from '../registry/records.ts'

type Converted = StoreEvent | Promise<StoreEvent>

/** Watchers are served one event after the other: the last one is all that sharing needs. */
const last = new WeakMap<StorageForm, { event: StoreEvent; converted: Converted }>()

/** An event of the store in the form of the resource, converted once for all who watch it. Throws or rejects if it can't be. */
export function servedEvent(resource: Resource, event: StoreEvent): Converted {
  const { stored } = resource
  if (!stored) return event
  const kept = last.get(stored)
  if (kept?.event === event) return kept.converted
  const converted = convert(resource, event)
  last.set(stored, { event, converted })
  return converted
}

function convert(resource: Resource, event: StoreEvent): Converted {
  const { entry, before } = event
  const put = ([own = entry, old]: readonly StoreEvent['entry'][]): StoreEvent => ({
    type: event.type,
    entry: own,
    before: old,
  })
  const entries = servedAll(resource, before ? [entry, before] : [entry])
  return entries instanceof Promise ? entries.then(put) : put(entries)
}
