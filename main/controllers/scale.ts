import type { Client } from '../../shared/client/client.ts'
import { unlessGone } from '../../shared/client/unless-gone.ts'
import { isNotFound, StatusError } from '../../shared/machinery/status.ts'

/** autoscaling/v1 Scale, as far as controllers use it. `selector` is the text of a label selector. */
export interface Scale {
  metadata: { name: string; namespace?: string; uid?: string; resourceVersion?: string }
  spec?: { replicas?: number }
  status?: { replicas?: number; selector?: string }
}

/** What an owner reference or a scaleTargetRef names. */
interface Target {
  apiVersion?: string
  kind: string
  name: string
  namespace: string
}

interface ResourceList {
  resources: { name: string; kind: string; namespaced: boolean }[]
}

/** Where the Scale of an object of any kind is. Throws if the kind is not served, or can't be scaled. */
export async function scalePath(client: Client, target: Target): Promise<string> {
  const { apiVersion = 'v1', name, namespace } = target
  const { root, found, resources } = await findResource(client, target)
  const group = apiVersion.split('/').slice(0, -1).join('')
  if (!resources.some(each => each.name === `${found.name}/scale`)) {
    throw new Error(`${found.name}${group && `.${group}`} does not implement the scale subresource`)
  }
  return `${root}/${found.namespaced ? `namespaces/${namespace}/` : ''}${found.name}/${name}/scale`
}

/** The resource of a kind and where its version is served, from discovery. Throws if the kind is not served. */
export async function findResource(client: Client, { apiVersion = 'v1', kind }: Pick<Target, 'apiVersion' | 'kind'>) {
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`
  const resources = await resourcesOf(client, root)
  const found = resources.find(each => each.kind === kind && !each.name.includes('/'))
  if (!found) throw new Error(`no matches for kind "${kind}" in version "${apiVersion}"`)
  return { root, found, resources }
}

async function resourcesOf(client: Client, root: string): Promise<ResourceList['resources']> {
  try {
    return (await client.transport.request<ResourceList>({ method: 'GET', path: root })).resources
  } catch (error) {
    if (isNotFound(error) || (error instanceof StatusError && error.code === 404)) return []
    throw error
  }
}

/** The Scale at a path; undefined if its object is gone. */
export async function readScale(client: Client, path: string): Promise<Scale | undefined> {
  return unlessGone(client.transport.request<Scale>({ method: 'GET', path }))
}
