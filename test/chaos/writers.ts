import { rmSync, writeFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import type { KubeObject } from '../../shared/api/object.ts'
import type { Api } from '../helpers/api.ts'
import type { Ledger } from './ledger.ts'
import * as manifests from './manifests.ts'
import type { Choices } from './random.ts'

interface Writing {
  api: Api
  choices: Choices
  /** Until it is aborted there is more to write. */
  signal: AbortSignal
}

const namespaced = (group: string, resource: string) => `${group}/namespaces/default/${resource}`
export const paths = {
  nodes: '/api/v1/nodes',
  maps: namespaced('/api/v1', 'configmaps'),
  pods: namespaced('/api/v1', 'pods'),
  services: namespaced('/api/v1', 'services'),
  deployments: namespaced('/apis/apps/v1', 'deployments'),
  statefulSets: namespaced('/apis/apps/v1', 'statefulsets'),
  jobs: namespaced('/apis/batch/v1', 'jobs'),
  budgets: namespaced('/apis/policy/v1', 'poddisruptionbudgets'),
}

/** Server-side apply, which may be repeated when nobody said what became of it; undefined if it broke off. */
export async function apply(api: Api, collection: string, object: manifests.Manifest) {
  const path = `${collection}/${object.metadata.name}?fieldManager=chaos&force=true`
  const headers = { 'content-type': 'application/apply-patch+yaml' }
  return api.ask(path, { method: 'PATCH', headers, body: object }).catch(() => undefined)
}

const remove = (api: Api, path: string) =>
  api.ask(`${path}?propagationPolicy=Background`, { method: 'DELETE' }).catch(() => undefined)

/** Counts in one ConfigMap, which it deletes now and then, as fast as it gets answers, nearly. */
export async function writeCounts(name: string, ledger: Ledger, { api, choices, signal }: Writing): Promise<void> {
  for (let count = 0; !signal.aborted; count++) {
    const gone = choices.number(20) === 0
    const told = ledger.expect(name, gone ? undefined : String(count))
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { count: String(count) } }
    const answer = await (gone ? remove(api, `${paths.maps}/${name}`) : apply(api, paths.maps, object))
    if (answer && (answer.status < 300 || (gone && answer.status === 404)))
      told(gone ? undefined : (JSON.parse(answer.text) as KubeObject))
    else if (answer) throw new Error(`${gone ? 'deleting' : 'applying'} ${name}: ${answer.text}`)
    await wait(choices.number(40))
  }
}

/** Rolls Deployments with their Services out and scales them; the first has a disruption budget. */
export async function writeDeployments(names: string[], { api, choices, signal }: Writing): Promise<void> {
  for (let version = 0; !signal.aborted; version++) {
    const name = names[version < names.length ? version : choices.number(names.length)] ?? ''
    await apply(api, paths.services, manifests.service(name))
    if (name === names[0]) await apply(api, paths.budgets, manifests.budget(name))
    const rollout = choices.number(3) === 0 ? version : 0
    await apply(api, paths.deployments, manifests.deployment(name, { replicas: 1 + choices.number(3), rollout }))
    if (version >= names.length) await wait(1_000 + choices.number(6_000))
  }
}

/** Scales a StatefulSet, whose claims stay, and rolls it out. */
export async function writeStatefulSet(name: string, { api, choices, signal }: Writing): Promise<void> {
  for (let version = 0; !signal.aborted; version++) {
    const rollout = choices.number(5) === 0 ? version : 0
    await apply(api, paths.statefulSets, manifests.statefulSet(name, { replicas: 1 + choices.number(3), rollout }))
    await wait(3_000 + choices.number(9_000))
  }
}

/** Makes and deletes Jobs. */
export async function writeJobs({ api, choices, signal }: Writing): Promise<void> {
  while (!signal.aborted) {
    const name = `job-${choices.number(3)}`
    if (choices.number(4) === 0) await remove(api, `${paths.jobs}/${name}`)
    else await apply(api, paths.jobs, manifests.job(name))
    await wait(1_000 + choices.number(5_000))
  }
}

/** Makes and deletes pods that nobody makes anew; some have volumes, which come and go with them. */
export async function writePods({ api, choices, signal }: Writing): Promise<void> {
  while (!signal.aborted) {
    const slot = choices.number(4)
    const name = `alone-${slot}`
    if (choices.number(2) === 0) await remove(api, `${paths.pods}/${name}`)
    else await apply(api, paths.pods, manifests.alone(name, slot % 2 === 0 ? 'claim' : 'cgroup'))
    await wait(500 + choices.number(3_000))
  }
}

/** Changes a static pod's manifest, and takes it away now and then. */
export async function writeManifest(file: string, { choices, signal }: Omit<Writing, 'api'>): Promise<void> {
  for (let version = 0; !signal.aborted; version++) {
    if (choices.number(3) === 0) rmSync(file, { force: true })
    else writeFileSync(file, JSON.stringify(manifests.beacon(version)))
    await wait(2_000 + choices.number(8_000))
  }
}
