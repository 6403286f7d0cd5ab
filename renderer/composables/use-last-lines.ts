import { computed, shallowRef, watch, type ShallowRef } from 'vue'
import { pods } from '../../shared/api/core.ts'
import { pathOf } from '../../shared/api/ref.ts'
import { useSession } from '../session.ts'
import type { Why } from '../why/why.ts'

const most = 5

interface LogWanted {
  namespace: string
  name: string
  container: string
  previous: boolean
}

/**
 * The last lines of a container, where an explanation rests on what it did and the kubelet kept no termination message.
 * Read once: of one that runs they are those of the moment. Empty while there are none, and if the log can't be had.
 */
export function useLastLines(why: () => Why): Readonly<ShallowRef<readonly string[]>> {
  const { transport } = useSession()
  const lines = shallowRef<readonly string[]>([])
  /** Which log to read: another container, or one more restart, is another one. */
  const wanted = computed(() => {
    const { actions, facts, sentence } = why()
    const logs = actions.find(each => ['logs', 'previousLogs'].includes(each.do) && each.container !== undefined)
    if (!logs || facts.some(fact => fact.label.key === 'why.fact.lastWords')) return undefined
    const run = facts.find(fact => fact.label.key === 'why.fact.exit')?.text
    return JSON.stringify({
      ...logs.target,
      ref: undefined,
      container: logs.container,
      previous: logs.do === 'previousLogs',
      run,
      key: sentence.key,
    })
  })

  watch(
    wanted,
    async (key, _, onCleanup) => {
      lines.value = []
      if (key === undefined) return
      const { namespace, name, container, previous } = JSON.parse(key) as LogWanted
      const abort = new AbortController()
      onCleanup(() => abort.abort())
      const path = pathOf(pods, { namespace, name, subresource: 'log' })
      const query = { container, tailLines: String(most), ...(previous && { previous: 'true' }) }
      try {
        const decoder = new TextDecoder()
        let text = ''
        for await (const bytes of transport.bytes({ method: 'GET', path, query, signal: abort.signal })) {
          text += decoder.decode(bytes, { stream: true })
        }
        if (!abort.signal.aborted) lines.value = text.trimEnd().split('\n').filter(Boolean).slice(-most)
      } catch {
        // The runtime has forgotten that run: the explanation stands without its last lines.
      }
    },
    { immediate: true },
  )
  return lines
}
