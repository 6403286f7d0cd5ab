import { createRouter, createWebHashHistory, type RouteLocationRaw, type RouteRecordRaw } from 'vue-router'
import type { ResourceRef } from '../shared/api/ref.ts'
import type { ObjectLink } from './object-link.ts'
import OverviewView from './views/overview/OverviewView.vue'

/** '' can't stand in a path: the core group and cluster-scoped kinds have these instead. */
const core = 'core'
const clusterScope = '-'

const routes: RouteRecordRaw[] = [
  { path: '/', name: 'overview', component: OverviewView },
  { path: '/problems', name: 'problems', component: () => import('./views/problems/ProblemsView.vue') },
  {
    path: '/r/:group/:version/:resource/:namespace?/:name?',
    name: 'resources',
    component: () => import('./views/resources/ResourceView.vue'),
  },
  { path: '/:rest(.*)', redirect: '/' },
]

export const createAppRouter = () => createRouter({ history: createWebHashHistory(), routes })

export function listRoute(ref: ResourceRef): RouteLocationRaw {
  return { name: 'resources', params: { group: ref.group || core, version: ref.version, resource: ref.resource } }
}

/** The list of the object's kind with the object beside it; with `page` the object alone. */
export function objectRoute(link: ObjectLink, options: { tab?: string; page?: boolean } = {}): RouteLocationRaw {
  const { ref, namespace, name } = link
  return {
    name: 'resources',
    params: {
      group: ref.group || core,
      version: ref.version,
      resource: ref.resource,
      namespace: namespace || clusterScope,
      name,
    },
    query: { ...(options.tab && { tab: options.tab }), ...(options.page && { page: '1' }) },
  }
}

/** What the path of the resources view names. */
export function readParams(params: Record<string, string | string[] | undefined>) {
  const text = (name: string) => (typeof params[name] === 'string' ? params[name] : '')
  const group = text('group')
  const namespace = text('namespace')
  return {
    group: group === core ? '' : group,
    version: text('version'),
    resource: text('resource'),
    namespace: namespace === clusterScope ? '' : namespace,
    name: text('name'),
  }
}
