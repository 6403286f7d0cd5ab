import type { KubeObject } from '../../../shared/api/object.ts'
import { apiVersionOf } from '../../../shared/api/ref.ts'
import type { StatusError } from '../../../shared/machinery/status.ts'
import { expired } from '../../../shared/machinery/status.ts'
import { StoreError, type Entry, type StoreEvent, type Watch } from '../../store/store.ts'
import { negotiate, notAcceptable } from '../codec/accept.ts'
import { encodeProtobuf, protobuf } from '../codec/protobuf.ts'
import { includeObjectOf } from '../codec/table.ts'
import { recordPrefix, servedAll } from '../registry/records.ts'
import { headerOf, json, type ServerResponse, type WatchSink } from '../request.ts'
import { toStatus } from '../to-status.ts'
import { listOptions, resourceVersionTooLarge, type ListOptions } from './list-options.ts'
import type { ResourceCall } from './resource-call.ts'
import { selectionOf, type Selection } from './selection.ts'
import { createInOrder } from './in-order.ts'
import { servedEvent } from './served-event.ts'
import { createWatchFeed, type WatchFeed } from './watch-feed.ts'
import { inProtobuf } from './protobuf-sink.ts'
import { createFrameMaker, errorFrame, type ChangeType, type FrameMaker } from './watch-frames.ts'

/** A watch without timeoutSeconds ends after one to two of these (--min-request-timeout). */
const minTimeout = 1800
/** How many events may wait for their conversion before the client has to start again. */
const conversionLimit = 1000

/** GET on a collection with `watch`: answers at once; what is wrong with the revision comes as an ERROR event. */
export function watch(call: ResourceCall): ServerResponse {
  const { core, context, resource } = call
  const { query } = context.request
  const options = listOptions(query, { watch: true })
  const selection = selectionOf(resource, query)
  const { as, apiVersion, encoding } = negotiate(headerOf(context.request, 'accept'))
  const { resourceVersion: asked } = options
  if (options.sendInitialEvents && asked !== undefined && asked > core.store.revision) {
    throw resourceVersionTooLarge(asked, core.store.revision)
  }
  const include = includeObjectOf(query)
  const frames = createFrameMaker({
    resource,
    as,
    apiVersion,
    include,
    shared: core.frames,
    now: () => core.clock.now(),
  })
  const plan = { call, options, selection, frames }
  if (encoding !== 'protobuf') {
    return { status: 200, headers: { 'content-type': json }, watch: sink => start(plan, sink) }
  }
  // Finds out while it can still be refused whether there is a message for what will be sent.
  encodeProtobuf(
    as === undefined ? { apiVersion: apiVersionOf(resource.ref), kind: resource.ref.kind } : { apiVersion, kind: as },
  )
  if (context.request.upgrade) throw notAcceptable()
  return {
    status: 200,
    headers: { 'content-type': `${protobuf};stream=watch` },
    watch: sink => start(plan, inProtobuf(sink)),
  }
}

interface Plan {
  call: ResourceCall
  options: ListOptions
  selection: Selection
  frames: FrameMaker
}

function start({ call, options, selection, frames }: Plan, sink: WatchSink): Disposable {
  const { core, resource, namespace } = call
  const { store, clock, log } = core
  const prefix = recordPrefix(resource, namespace)
  const feed = createWatchFeed(sink)
  const owned = new DisposableStack()
  let live = false

  const end = () => {
    owned.dispose()
    feed.finish()
  }
  const fail = (error: unknown) => {
    if (owned.disposed) return
    feed.offer(errorFrame(asWatchError(toStatus(error, { ref: resource.ref, log }))))
    end()
  }
  const order = createInOrder(fail)
  const bookmark = () => {
    if (!live) return
    order.then(frames.bookmark(store.revision), frame => {
      if (!feed.offer(frame)) end()
    })
  }
  const show = (event: StoreEvent) => {
    if (owned.disposed) return
    const change = changeOf(event, selection)
    // A client that can't keep up has to start again; the writers never wait for it.
    if (change && !feed.offer(frames.change(change.type, change.entry))) end()
  }
  const seconds = options.timeoutSeconds || minTimeout * (1 + core.random())
  const timed = core.watches.add({
    of: resource.stored ?? resource,
    deadline: clock.now() + seconds * 1000,
    bookmark: options.allowWatchBookmarks ? bookmark : undefined,
    expire() {
      if (options.allowWatchBookmarks) bookmark()
      end()
    },
  })
  owned.use(timed)

  const follow = (revision: number): Watch =>
    store.watch(prefix, revision, {
      event(event) {
        try {
          order.then(servedEvent(resource, event), show)
        } catch (error) {
          fail(error)
        }
        if (order.waiting > conversionLimit) end()
      },
      closed: reason => (reason === 'compacted' ? fail(new StoreError('compacted', prefix)) : end()),
    })
  const run = async () => {
    const from = beginsWithState(options)
      ? await sendState({ call, prefix, selection, frames, feed, options })
      : options.resourceVersion
    if (owned.disposed) return
    const following = owned.use(follow(from || store.revision))
    await following.replayed
    live = true
  }
  run().catch(fail)
  return { [Symbol.dispose]: () => owned.dispose() }
}

/** Without a revision, or with "0", a watch begins with the present state unless sendInitialEvents says otherwise. */
function beginsWithState({ sendInitialEvents, resourceVersion }: ListOptions): boolean {
  return sendInitialEvents ?? !resourceVersion
}

interface Beginning extends Plan {
  prefix: string
  feed: WatchFeed
}

/** Sends what there is as ADDED, then (KEP-3157) the bookmark that tells so; returns the revision it is consistent at. */
async function sendState({ call, prefix, selection, frames, feed, options }: Beginning): Promise<number> {
  const { revision, entries: stored } = await call.core.store.list(prefix)
  const entries = await servedAll(call.resource, stored)
  const { matches } = selection
  const chosen = matches ? entries.filter(entry => matches(entry.object)) : entries
  feed.begin(chosen.map(entry => frames.change('ADDED', entry)))
  if (options.sendInitialEvents && options.allowWatchBookmarks) {
    feed.begin([frames.bookmark(revision, { initialEventsEnd: true })])
  }
  return revision
}

/** What an event means to a watch with a selector: objects that come to match are ADDED, those that cease to are DELETED. */
function changeOf(
  event: StoreEvent,
  { matches }: Selection,
): { type: ChangeType; entry: Pick<Entry, 'object' | 'bytes'> } | undefined {
  const { entry, before } = event
  const wasIn = before !== undefined && (!matches || matches(before.object))
  if (event.type === 'delete') return !matches || wasIn ? { type: 'DELETED', entry } : undefined
  const isIn = !matches || matches(entry.object)
  if (isIn) return { type: wasIn ? 'MODIFIED' : 'ADDED', entry }
  return wasIn ? { type: 'DELETED', entry: asLastSeen(before, entry.revision) } : undefined
}

/** The object as it last matched, at the revision at which it ceased to (apiserver/pkg/storage/cacher). */
function asLastSeen({ object }: Entry, revision: number): Pick<Entry, 'object' | 'bytes'> {
  const last: KubeObject = { ...object, metadata: { ...object.metadata, resourceVersion: String(revision) } }
  return { object: last, bytes: Buffer.from(JSON.stringify(last)) }
}

function asWatchError(error: StatusError): StatusError {
  return error.code === 410 ? expired('The resourceVersion for the provided watch is too old.') : error
}
