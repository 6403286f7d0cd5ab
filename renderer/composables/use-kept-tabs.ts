import { watch } from 'vue'
import { useRoute, useRouter } from 'vue-router'
import { pods } from '../../shared/api/core.ts'
import type { TerminalInfo } from '../../shared/contract/host.ts'
import { defaultContainer } from '../components/dock/logs/log-sources.ts'
import { readParams } from '../router.ts'
import { useSession } from '../session.ts'
import { useDock } from '../stores/dock.ts'
import { useSettings } from '../stores/settings.ts'

/**
 * Brings back into the dock what it held when the window was loaded before, and every terminal that the engine kept;
 * from then on the settings know what it holds.
 */
export function useKeptTabs(): void {
  const { link, host, client } = useSession()
  const dock = useDock()
  const settings = useSettings()
  const router = useRouter()
  const route = useRoute()

  /** The session that the details will show themselves: a reload leaves them at their terminal. */
  async function ownOfDetails(kept: readonly TerminalInfo[]): Promise<string | undefined> {
    await router.isReady()
    const { resource, namespace, name } = readParams(route.params)
    if (resource !== 'pods' || route.query['tab'] !== 'terminal') return undefined
    const container = defaultContainer(await client.get(pods, { namespace, name }))
    const isOwn = (info: TerminalInfo) =>
      info.state === 'running' && info.namespace === namespace && info.pod === name && info.container === container
    return kept.find(isOwn)?.id
  }

  async function restore(): Promise<void> {
    await settings.whenLoaded()
    await link.opened()
    const kept = await host.terminals()
    dock.restore(settings.dock, new Set(kept.map(({ id }) => id)))
    watch(
      () => dock.state,
      state => (settings.dock = state),
      { immediate: true },
    )
    const inDock = new Set(dock.tabs.map(({ target }) => target.session))
    const others = kept.filter(({ id }) => !inDock.has(id))
    // Without the pod the details show none.
    const own = others.length > 0 ? await ownOfDetails(others).catch(() => undefined) : undefined
    for (const { id, namespace, pod, container } of others) {
      if (id === own) continue
      dock.show('terminal', { link: { ref: pods, namespace, name: pod }, container, session: id })
    }
  }
  // What can't be had again now is still in the engine; the next load finds it.
  restore().catch(() => undefined)
}
