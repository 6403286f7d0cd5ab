import { addAbortSignal } from 'node:stream'
import { setTimeout as wait } from 'node:timers/promises'
import type { KubeList, WatchEvent } from '../../shared/api/object.ts'
import type { Api } from '../helpers/api.ts'

/** A watch that is resumed where it was cut off, whenever it is cut off, as every client's reflector does. */
export interface Watcher extends AsyncDisposable {
  /** How often it was resumed. */
  readonly resumed: number
  /** All revisions that it was told, in the order of their coming. */
  readonly revisions: number[]
  /** What it makes of the events differs from the list in these objects. */
  differences(list: KubeList): string[]
}

export async function createWatcher(api: Api, path: string): Promise<Watcher> {
  const objects = new Map<string, string | undefined>()
  const revisions: number[] = []
  const list = JSON.parse((await api.ask(path)).text) as KubeList
  for (const { metadata } of list.items) objects.set(metadata.uid, metadata.resourceVersion)
  let since = list.metadata.resourceVersion
  let resumed = 0
  let refused = ''
  const stop = new AbortController()

  function refuse(why = 'no reason') {
    refused = `the watch of ${path} from ${since} was refused: ${why}`
    stop.abort()
  }
  function take({ type, object }: WatchEvent) {
    if (type === 'ERROR') {
      refuse(object.message)
      return
    }
    const { uid, resourceVersion = '' } = object.metadata
    since = resourceVersion
    revisions.push(Number(resourceVersion))
    if (type === 'DELETED') objects.delete(uid)
    else objects.set(uid, resourceVersion)
  }
  async function follow() {
    const stream = await api.open(`${path}?watch=1&resourceVersion=${since}`).catch(() => undefined)
    if (!stream) return
    addAbortSignal(stop.signal, stream)
    if (stream.statusCode !== 200) refuse(`${stream.statusCode}`)
    // What is left when it is cut off is part of a line, which is told again.
    let rest = ''
    stream.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) take(JSON.parse(line) as WatchEvent)
    })
    await new Promise(resolve => stream.on('error', () => undefined).once('close', resolve))
  }
  const done = (async () => {
    for (; !stop.signal.aborted; resumed++) {
      await follow()
      await wait(100)
    }
  })()

  return {
    get resumed() {
      return resumed
    },
    revisions,
    differences({ items }) {
      const now = new Map(items.map(({ metadata }) => [metadata.uid, metadata]))
      const differ = [...now.values()].filter(({ uid, resourceVersion }) => objects.get(uid) !== resourceVersion)
      const ghosts = [...objects.keys()].filter(uid => !now.has(uid))
      if (refused) return [refused]
      return [...differ.map(({ name }) => `${name} differs`), ...ghosts.map(uid => `${uid} is gone, nobody told`)]
    },
    async [Symbol.asyncDispose]() {
      stop.abort()
      await done
    },
  }
}
