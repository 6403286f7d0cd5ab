import { setTimeout as wait } from 'node:timers/promises'
import type { KubeObject } from '../../shared/api/object.ts'
import type { Api } from '../helpers/api.ts'
import type { Ledger } from './ledger.ts'
import type { Choices } from './random.ts'

interface Writing {
  api: Api
  choices: Choices
  /** Until it is aborted there is more to write. */
  signal: AbortSignal
}

const core = '/api/v1/namespaces/default'
export const paths = { maps: `${core}/configmaps`, pods: `${core}/pods`, services: `${core}/services` }
const deployments = '/apis/apps/v1/namespaces/default/deployments'

/** Server-side apply, which may be repeated when nobody said what became of it; undefined if it broke off. */
async function apply(api: Api, collection: string, object: { metadata: { name: string } }) {
  const path = `${collection}/${object.metadata.name}?fieldManager=chaos&force=true`
  const headers = { 'content-type': 'application/apply-patch+yaml' }
  return api.ask(path, { method: 'PATCH', headers, body: object }).catch(() => undefined)
}

const remove = (api: Api, path: string) => api.ask(path, { method: 'DELETE' }).catch(() => undefined)

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

/** Rolls Deployments with their Services out and scales them. */
export async function writeDeployments(names: string[], { api, choices, signal }: Writing): Promise<void> {
  for (let version = 0; !signal.aborted; version++) {
    const name = names[version < names.length ? version : choices.number(names.length)] ?? ''
    const service = { selector: { app: name }, ports: [{ port: 80, targetPort: 8080 }] }
    const object = { apiVersion: 'v1', kind: 'Service', metadata: { name }, spec: service }
    await apply(api, paths.services, object)
    const rollout = choices.number(3) === 0 ? version : 0
    await apply(api, deployments, deployment(name, { replicas: 1 + choices.number(3), rollout }))
    if (version >= names.length) await wait(1_000 + choices.number(6_000))
  }
}

/** Makes and deletes pods that nobody makes anew; some have volumes, which come and go with them. */
export async function writePods({ api, choices, signal }: Writing): Promise<void> {
  while (!signal.aborted) {
    const slot = choices.number(4)
    const path = `${paths.pods}/alone-${slot}`
    if (choices.number(2) === 0) await remove(api, path)
    else await apply(api, paths.pods, alone(`alone-${slot}`, slot % 2 === 0))
    await wait(500 + choices.number(3_000))
  }
}

const container = (image: string) => ({ image, imagePullPolicy: 'Never' })

function deployment(name: string, { replicas, rollout }: { replicas: number; rollout: number }) {
  const web = {
    ...container('podbay.test/http:1'),
    name: 'web',
    readinessProbe: { httpGet: { path: '/', port: 8080 }, periodSeconds: 1 },
    volumeMounts: [{ name: 'scratch', mountPath: '/scratch' }],
  }
  const beside = { ...container('podbay.test/shell:1'), name: 'beside', command: ['sh', '-c', idle] }
  const template = {
    metadata: { labels: { app: name }, annotations: { rollout: String(rollout) } },
    spec: { terminationGracePeriodSeconds: 1, containers: [web, beside], volumes: [{ name: 'scratch', emptyDir: {} }] },
  }
  const spec = { replicas, selector: { matchLabels: { app: name } }, template }
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name }, spec }
}

const idle = 'trap exit TERM; while :; do sleep 1 & wait; done'

function alone(name: string, withVolume: boolean) {
  const claim = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Mi' } } }
  const volume = withVolume ? { ephemeral: { volumeClaimTemplate: { spec: claim } } } : { emptyDir: {} }
  const shell = {
    ...container('podbay.test/shell:1'),
    name: 'shell',
    command: ['sh', '-c', idle],
    volumeMounts: [{ name: 'data', mountPath: '/data' }],
  }
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: { terminationGracePeriodSeconds: 1, containers: [shell], volumes: [{ name: 'data', ...volume }] },
  }
}
