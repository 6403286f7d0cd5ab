import { useRouter } from 'vue-router'
import { nodes } from '../../shared/api/core.ts'
import { cordon } from '../actions.ts'
import { panels, type PanelKind } from '../components/dock/registry.ts'
import { objectRoute } from '../router.ts'
import { useSession } from '../session.ts'
import { useDialogs } from '../stores/dialogs.ts'
import { useDock } from '../stores/dock.ts'
import { useNotices } from '../stores/notices.ts'
import type { Why, WhyAction } from '../why/why.ts'

const needs: Partial<Record<WhyAction['do'], PanelKind>> = {
  logs: 'logs',
  previousLogs: 'logs',
  edit: 'yaml',
  shell: 'terminal',
}

/** Carries out what an explanation proposes; proposals that this window can't carry out are not offered. */
export function useWhyAction() {
  const { client, kinds } = useSession()
  const dialogs = useDialogs()
  const dock = useDock()
  const notices = useNotices()
  const router = useRouter()

  const offered = ({ actions }: Why): WhyAction[] =>
    actions
      .filter(action => {
        const panel = needs[action.do]
        return panel === undefined || panels[panel] !== undefined
      })
      .slice(0, 3)

  async function ask(type: 'delete' | 'restart', { ref, namespace, name }: WhyAction['target']): Promise<void> {
    const kind = kinds.value.find(k => k.ref.resource === ref.resource && k.ref.group === ref.group)
    if (!kind) return
    await notices.attempt(async () => {
      const object = await client.get(ref, { namespace, name })
      dialogs.show({ type, subject: { kind, objects: [object] } })
    })
  }

  function run(action: WhyAction): void {
    const { target } = action
    switch (action.do) {
      case 'logs':
      case 'previousLogs': {
        dock.show('logs', {
          link: target,
          ...(action.container !== undefined && { container: action.container }),
          ...(action.do === 'previousLogs' && { previous: true }),
        })
        return
      }
      case 'shell': {
        dock.show('terminal', { link: target })
        return
      }
      case 'edit':
        return void router.push(objectRoute(target, { tab: 'yaml' }))
      case 'open':
        return void router.push(objectRoute(target))
      case 'uncordon': {
        const done = { key: 'done.uncordoned' as const, params: { name: target.name } }
        return void notices.attempt(
          () => cordon(client, target.name, false),
          target.ref.resource === nodes.resource ? done : undefined,
        )
      }
      case 'delete':
      case 'restart':
        return void ask(action.do, target)
    }
  }

  return { offered, run }
}
