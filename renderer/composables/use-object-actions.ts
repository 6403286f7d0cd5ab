import { useRouter } from 'vue-router'
import type { Pod } from '../../shared/api/core.ts'
import type { KubeObject } from '../../shared/api/object.ts'
import { groupResourceOf } from '../../shared/api/ref.ts'
import { canDelete, canExec, canRestart, canScale, cordon, hasPods } from '../actions.ts'
import { panels } from '../components/dock/registry.ts'
import type { MessageKey } from '../i18n/message.ts'
import type { Kind } from '../live/discovery.ts'
import { linkTo } from '../object-link.ts'
import { objectRoute } from '../router.ts'
import { useSession } from '../session.ts'
import { useDialogs } from '../stores/dialogs.ts'
import { useDock } from '../stores/dock.ts'
import { useNotices } from '../stores/notices.ts'

export interface ObjectAction {
  id: string
  label: MessageKey
  key?: string
  danger?: boolean
  run: () => void
}

/** What can be done with an object of a kind, in the order of menus. The first two are the likeliest. */
export function useObjectActions() {
  const { client, kinds } = useSession()
  const dialogs = useDialogs()
  const dock = useDock()
  const notices = useNotices()
  const router = useRouter()

  const setCordon = (object: KubeObject, on: boolean) => {
    const { name } = object.metadata
    void notices.attempt(() => cordon(client, name, on), {
      key: on ? 'done.cordoned' : 'done.uncordoned',
      params: { name },
    })
  }

  const copyName = (object: KubeObject) =>
    void notices.attempt(() => navigator.clipboard.writeText(object.metadata.name), { key: 'done.copied' })

  function openOwner(object: KubeObject): void {
    const owner = object.metadata.ownerReferences?.find(o => o.controller)
    const [group] = owner?.apiVersion.includes('/') ? owner.apiVersion.split('/') : ['']
    const ref = kinds.value.find(kind => kind.ref.kind === owner?.kind && kind.ref.group === group)?.ref
    if (owner && ref)
      void router.push(objectRoute({ ref, namespace: object.metadata.namespace ?? '', name: owner.name }))
  }

  function actionsOf(kind: Kind, object: KubeObject): ObjectAction[] {
    const link = linkTo(kind.ref, object)
    const subject = { kind, objects: [object] }
    const resource = groupResourceOf(kind.ref)
    const isPod = resource === 'pods'
    const cordoned = (object as KubeObject & { spec?: { unschedulable?: boolean } }).spec?.unschedulable === true
    const offered: (ObjectAction | false | undefined)[] = [
      isPod &&
        canExec(object as Pod) &&
        panels.terminal && { id: 'shell', label: 'do.shell', key: 'S', run: () => dock.show('terminal', { link }) },
      canRestart(kind.ref) && {
        id: 'restart',
        label: 'do.restart',
        key: 'R',
        run: () => dialogs.show({ type: 'restart', subject }),
      },
      canScale(kind) && {
        id: 'scale',
        label: 'do.scale',
        key: '=',
        run: () => dialogs.show({ type: 'scale', subject }),
      },
      hasPods(kind.ref) &&
        panels.logs && { id: 'logs', label: 'do.logs', key: 'L', run: () => dock.show('logs', { link }) },
      isPod &&
        panels.logs && {
          id: 'previous',
          label: 'do.previousLogs',
          key: 'P',
          run: () => dock.show('logs', { link, previous: true }),
        },
      resource === 'nodes' && {
        id: 'cordon',
        label: cordoned ? 'do.uncordon' : 'do.cordon',
        run: () => setCordon(object, !cordoned),
      },
      panels.yaml && {
        id: 'edit',
        label: 'do.edit',
        key: 'E',
        run: () => void router.push(objectRoute(link, { tab: 'yaml' })),
      },
      { id: 'copy', label: 'do.copyName', key: 'C', run: () => copyName(object) },
      canDelete(kind) && {
        id: 'delete',
        label: 'do.delete',
        key: 'Ctrl D',
        danger: true,
        run: () => dialogs.show({ type: 'delete', subject }),
      },
    ]
    return offered.filter(action => action !== false && action !== undefined)
  }

  return { actionsOf, openOwner }
}
