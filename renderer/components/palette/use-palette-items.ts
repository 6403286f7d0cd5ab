import { computed } from 'vue'
import { useRouter } from 'vue-router'
import { deployments, replicaSets } from '../../../shared/api/apps.ts'
import { nodes, pods, services } from '../../../shared/api/core.ts'
import type { KubeObject } from '../../../shared/api/object.ts'
import type { ResourceRef } from '../../../shared/api/ref.ts'
import { useNamespaces } from '../../composables/use-namespaces.ts'
import { useObjectActions } from '../../composables/use-object-actions.ts'
import { useStatus } from '../../composables/use-status.ts'
import { locales } from '../../i18n/i18n.ts'
import { useTexts } from '../../i18n/use-texts.ts'
import { objects } from '../../live/cluster-model.ts'
import { shortKind } from '../../live/discovery.ts'
import { linkTo } from '../../object-link.ts'
import { modifier } from '../../platform.ts'
import { listRoute, objectRoute } from '../../router.ts'
import { useSession } from '../../session.ts'
import { useDialogs } from '../../stores/dialogs.ts'
import { useDock } from '../../stores/dock.ts'
import { useNotices } from '../../stores/notices.ts'
import { useSettings } from '../../stores/settings.ts'
import { useSidebar } from '../../stores/sidebar.ts'
import { panels } from '../dock/registry.ts'
import type { PaletteItem } from './palette-search.ts'

/** Everything the palette finds, as it is when it opens: nothing moves while one types. */
export function usePaletteItems() {
  const { model, kinds, status } = useSession()
  const { statusOf } = useStatus()
  const { actionsOf } = useObjectActions()
  const { all: namespaces, chosen } = useNamespaces()
  const { t, stateText, kindTitle } = useTexts()
  const router = useRouter()
  const settings = useSettings()
  const sidebar = useSidebar()
  const dialogs = useDialogs()
  const dock = useDock()
  const notices = useNotices()

  const searched: [ResourceRef, readonly KubeObject[]][] = [
    [deployments, objects(model.deployments)],
    [pods, objects(model.pods)],
    [services, objects(model.services)],
    [replicaSets, objects(model.replicaSets)],
    [nodes, objects(model.nodes)],
  ]

  function objectItems(): PaletteItem[] {
    return searched.flatMap(([ref, list]) => {
      const kind = kinds.value.find(k => k.ref.resource === ref.resource && k.ref.group === ref.group)
      const short = shortKind(ref, kinds.value)
      return list.flatMap((object): PaletteItem[] => {
        const { name, namespace, uid } = object.metadata
        const state = statusOf(object)
        const fact = [namespace, state && stateText(state)].filter(part => part !== undefined).join(t('list.comma'))
        const words = `${ref.kind} ${ref.resource} ${short}`
        const item: PaletteItem = {
          id: uid,
          group: 'goTo',
          ...(state && { mark: state.mark }),
          name: `${short}/${name}`,
          mono: true,
          fact,
          words,
          run: () => void router.push(objectRoute(linkTo(ref, object))),
        }
        // Actions on every pod would bury everything else; they are a key away once it is open.
        const actions = kind && ref !== pods && ref !== replicaSets ? actionsOf(kind, object) : []
        const doing = actions.map((action): PaletteItem => ({
          id: `${uid} ${action.id}`,
          group: 'do',
          name: t('palette.of', { verb: t(action.label).replace('…', ''), kind: ref.kind, name }),
          fact: namespace ?? '',
          words,
          object: `${ref.kind} ${name}`,
          ...(action.danger && { danger: true }),
          ...(action.key && { key: action.key }),
          run: action.run,
        }))
        return [item, ...doing]
      })
    })
  }

  function appItems(): PaletteItem[] {
    const item = (id: string, name: string, run: () => void, key?: string): PaletteItem => ({
      id,
      group: 'do',
      name,
      run,
      ...(key && { key }),
    })
    const path = status.value?.kubeconfig
    return [
      ...(panels.yaml ? [item('create', t('dialog.createTitle'), () => dialogs.show({ type: 'create' }))] : []),
      ...(['dark', 'light', 'system'] as const).map(theme =>
        item(`theme ${theme}`, t('palette.theme', { theme: t(`theme.${theme}`) }), () => (settings.theme = theme)),
      ),
      ...locales.map(({ id, name }) =>
        item(`locale ${id}`, t('palette.language', { language: name }), () => (settings.locale = id)),
      ),
      item('sidebar', t('palette.sidebar'), sidebar.toggle, `${modifier} B`),
      item('dock', t('palette.dock'), () => (dock.open = !dock.open), `${modifier} J`),
      item('keys', t('dialog.keysTitle'), () => dialogs.show({ type: 'keys' }), '?'),
      ...(path
        ? [
            item(
              'kubeconfig',
              t('palette.kubeconfig'),
              () => void notices.attempt(() => navigator.clipboard.writeText(path), { key: 'done.copied' }),
            ),
          ]
        : []),
    ]
  }

  function placeItems(): PaletteItem[] {
    const views: PaletteItem[] = [
      {
        id: 'overview',
        group: 'kinds',
        name: t('nav.overview'),
        fact: t('palette.view'),
        run: () => void router.push('/'),
      },
      {
        id: 'problems',
        group: 'kinds',
        name: t('nav.problems'),
        fact: t('palette.view'),
        run: () => void router.push('/problems'),
      },
    ]
    const lists = kinds.value
      .filter(kind => kind.verbs.includes('list'))
      .map((kind): PaletteItem => ({
        id: `${kind.ref.resource}.${kind.ref.group}`,
        group: 'kinds',
        name: kindTitle(kind),
        fact: kind.ref.group || 'v1',
        words: `${kind.ref.kind} ${kind.ref.resource} ${kind.shortNames.join(' ')}`,
        run: () => void router.push(listRoute(kind.ref)),
      }))
    const spaces = namespaces.value.map((name): PaletteItem => ({
      id: `namespace ${name}`,
      group: 'namespaces',
      name,
      mono: true,
      fact: t('palette.onlyNamespace'),
      run: () => (chosen.value = [name]),
    }))
    return [...views, ...lists, ...spaces]
  }

  function labelItems(): PaletteItem[] {
    const counts = new Map<string, number>()
    for (const { metadata } of objects(model.pods)) {
      for (const pair of Object.entries(metadata.labels ?? {}))
        counts.set(pair.join('='), (counts.get(pair.join('=')) ?? 0) + 1)
    }
    return [...counts].map(([label, n]) => ({
      id: `label ${label}`,
      group: 'labels',
      name: label,
      mono: true,
      fact: t('palette.matches', { n }, n),
      run: () => void router.push({ path: '/r/core/v1/pods', query: { filter: label } }),
    }))
  }

  return computed(() => [...appItems(), ...objectItems(), ...placeItems(), ...labelItems()])
}
