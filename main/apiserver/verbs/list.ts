import type { KubeList } from '../../../shared/api/object.ts'
import { badRequest } from '../../../shared/machinery/status.ts'
import { StoreError, type Entry, type Listing } from '../../store/store.ts'
import { answerList } from '../codec/answer.ts'
import { findRecord, recordPrefix, servedAll } from '../registry/records.ts'
import type { ServerResponse } from '../request.ts'
import { decodeContinue, encodeContinue, expiredContinue } from './continue-token.ts'
import { listOptions, resourceVersionTooLarge, type ListOptions } from './list-options.ts'
import { selectionOf, type Selection } from './selection.ts'
import type { ResourceCall } from './resource-call.ts'

/** How many entries are looked at in one go while a selector leaves most of them out. */
const page = 1000

/** GET on a collection. */
export async function list(call: ResourceCall): Promise<ServerResponse> {
  const { core, context, resource, namespace } = call
  const { query } = context.request
  const options = listOptions(query, { watch: false })
  const selection = selectionOf(resource, query)
  const { entries, metadata } = await select({ call, options, selection, prefix: recordPrefix(resource, namespace) })
  return answerList({ request: context.request, resource, entries, metadata, now: core.clock.now() })
}

interface Search {
  call: ResourceCall
  options: ListOptions
  selection: Selection
  prefix: string
}

interface Found {
  entries: readonly Entry[]
  metadata: KubeList['metadata']
}

/** The entries that a list is about, in chunks if it says so. */
export async function select(search: Search): Promise<Found> {
  const { call, options, selection, prefix } = search
  const { store } = call.core
  const { resourceVersion, resourceVersionMatch, limit } = options
  if (options.continue !== '') return resume(search)
  if (resourceVersion !== undefined && resourceVersion > store.revision) {
    throw resourceVersionTooLarge(resourceVersion, store.revision)
  }
  const exact =
    resourceVersionMatch === 'Exact' || (resourceVersionMatch === '' && limit > 0 && Boolean(resourceVersion))
  if (exact) return chunk(search, { revision: resourceVersion, after: undefined })
  // One object by name is a lookup, not a search.
  if (selection.name !== undefined && (call.namespace !== '' || !call.resource.ref.namespaced)) {
    const found = await findRecord(store, call.resource, { namespace: call.namespace, name: selection.name })
    const entry = found?.served
    const entries = entry && selection.matches?.(entry.object) ? [entry] : []
    return { entries, metadata: { resourceVersion: String(store.revision) } }
  }
  if (limit > 0) return chunk(search, { revision: undefined, after: undefined })
  const listing = await store.list(prefix)
  const entries = await servedAll(call.resource, listing.entries)
  const { matches } = selection
  return {
    entries: matches ? entries.filter(entry => matches(entry.object)) : entries,
    metadata: { resourceVersion: String(listing.revision) },
  }
}

async function resume(search: Search): Promise<Found> {
  const { revision, after } = decodeContinue(search.options.continue)
  if (search.options.resourceVersion) throw badRequest('specifying resource version is not allowed when using continue')
  const newest = search.call.core.store.revision
  if (revision > newest) throw resourceVersionTooLarge(revision, newest)
  try {
    return await chunk(search, { revision: revision < 0 ? undefined : revision, after: search.prefix + after })
  } catch (error) {
    if (error instanceof StoreError && error.code === 'compacted') throw expiredContinue(after)
    throw error
  }
}

/** At most `limit` matching entries after a key, all as of one revision. */
async function chunk(
  { call, options, selection, prefix }: Search,
  from: { revision: number | undefined; after: string | undefined },
): Promise<Found> {
  const { store } = call.core
  const limit = options.limit > 0 ? options.limit : Infinity
  const entries: Entry[] = []
  let { revision, after } = from
  let remaining: number
  do {
    const listing: Listing = await store.list(prefix, {
      ...(revision !== undefined && { revision }),
      ...(after !== undefined && { after }),
      ...(limit !== Infinity && { limit: selection.matches ? Math.max(limit, page) : limit }),
    })
    revision = listing.revision
    remaining = listing.remaining
    for (const [at, entry] of (await servedAll(call.resource, listing.entries)).entries()) {
      after = entry.key
      if (!selection.matches || selection.matches(entry.object)) entries.push(entry)
      if (entries.length === limit) {
        remaining += listing.entries.length - at - 1
        break
      }
    }
  } while (entries.length < limit && remaining > 0)

  const metadata: KubeList['metadata'] = { resourceVersion: String(revision) }
  if (remaining > 0 && after !== undefined) {
    metadata.continue = encodeContinue({ revision, after: after.slice(prefix.length) })
    // With a selector nobody knows how many of the remaining ones match.
    if (!selection.matches) metadata.remainingItemCount = remaining
  }
  return { entries, metadata }
}
