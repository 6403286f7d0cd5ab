import type { HorizontalPodAutoscaler } from '../../../shared/api/autoscaling.ts'
import type { Client } from '../../../shared/client/client.ts'
import { isConflict } from '../../../shared/machinery/status.ts'
import { findResource, type Scale } from '../scale.ts'

/** What an autoscaler scales: the Scale of its target and where that is. */
export interface ScaleTarget {
  path: string
  scale: Scale
}

/** Reads the Scale of the autoscaler's target. Throws if there is none. */
export async function targetOf(client: Client, { metadata, spec }: HorizontalPodAutoscaler): Promise<ScaleTarget> {
  const { kind, name, apiVersion = 'v1' } = spec.scaleTargetRef
  const { root, found } = await findResource(client, { apiVersion, kind }).catch(() => findPreferred(client, spec))
  const path = `${root}/${found.namespaced ? `namespaces/${metadata.namespace ?? ''}/` : ''}${found.name}/${name}/scale`
  return { path, scale: await client.transport.request<Scale>({ method: 'GET', path }) }
}

/** The kind in whatever version its group has: the reference may name one that is no longer served. */
async function findPreferred(client: Client, { scaleTargetRef }: HorizontalPodAutoscaler['spec']) {
  const { kind, apiVersion = 'v1' } = scaleTargetRef
  const group = apiVersion.split('/').slice(0, -1).join('')
  try {
    const path = `/apis/${group}`
    const { preferredVersion } = await client.transport.request<{ preferredVersion: { groupVersion: string } }>({
      method: 'GET',
      path,
    })
    return await findResource(client, { apiVersion: group ? preferredVersion.groupVersion : 'v1', kind })
  } catch (error) {
    throw new Error(`no matches for kind "${kind}" in group "${group}"`, { cause: error })
  }
}

/** As client-go's retry.DefaultRetry. */
const attempts = 5

/** Sets the number of replicas; a Scale that changed meanwhile is read again. */
export async function resize(client: Client, { path, scale }: ScaleTarget, replicas: number): Promise<void> {
  for (let attempt = 1, latest = scale; ; attempt++) {
    try {
      const body = { ...latest, spec: { ...latest.spec, replicas } }
      await client.transport.request({ method: 'PUT', path, body })
      return
    } catch (error) {
      if (!isConflict(error) || attempt === attempts) throw error
      latest = await client.transport.request<Scale>({ method: 'GET', path })
    }
  }
}
