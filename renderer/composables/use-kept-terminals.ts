import { useRoute, useRouter } from 'vue-router'
import { pods } from '../../shared/api/core.ts'
import { defaultContainer } from '../components/dock/logs/log-sources.ts'
import { readParams } from '../router.ts'
import { useSession } from '../session.ts'
import { useDock } from '../stores/dock.ts'

/** Brings the terminals that the engine kept back into the dock when the window was loaded again. */
export function useKeptTerminals(): void {
  const { link, host, client } = useSession()
  const dock = useDock()
  const router = useRouter()
  const route = useRoute()

  /** The session that the details will show themselves: a reload leaves them at their terminal. */
  async function ownOfDetails(kept: Awaited<ReturnType<typeof host.terminals>>): Promise<string | undefined> {
    await router.isReady()
    const { resource, namespace, name } = readParams(route.params)
    if (resource !== 'pods' || route.query['tab'] !== 'terminal') return undefined
    const container = defaultContainer(await client.get(pods, { namespace, name }))
    const isOwn = (info: (typeof kept)[number]) =>
      info.state === 'running' && info.namespace === namespace && info.pod === name && info.container === container
    return kept.find(isOwn)?.id
  }

  async function restore(): Promise<void> {
    await link.opened()
    const kept = await host.terminals()
    // Without the pod the details show none.
    const own = kept.length > 0 ? await ownOfDetails(kept).catch(() => undefined) : undefined
    for (const { id, namespace, pod, container } of kept) {
      if (id === own) continue
      dock.show('terminal', { link: { ref: pods, namespace, name: pod }, container, session: id })
    }
  }
  // What can't be had again now is still in the engine; the next load finds it.
  restore().catch(() => undefined)
}
