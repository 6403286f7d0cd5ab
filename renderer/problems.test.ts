import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../shared/api/object.ts'
import { findProblems } from './problems.ts'
import { ago, ended, now, podOf } from './testing/objects.ts'
import type { ClusterEvidence } from './why/why-of.ts'

const crashing = podOf({
  name: 'api-new',
  ready: false,
  turned: 200,
  container: { state: { waiting: { reason: 'CrashLoopBackOff' } }, lastState: ended(1, 9), restartCount: 4 },
})
const replicaSet = {
  kind: 'ReplicaSet',
  apiVersion: 'apps/v1',
  metadata: { name: 'api-1', uid: 'rs' },
  spec: { replicas: 1 },
}
const deployment: KubeObject = {
  kind: 'Deployment',
  apiVersion: 'apps/v1',
  metadata: { name: 'api', namespace: 'shop', uid: 'd' },
  spec: { replicas: 1 },
  status: {},
} as KubeObject
const service: KubeObject = {
  kind: 'Service',
  apiVersion: 'v1',
  metadata: { name: 'api', namespace: 'shop', uid: 's' },
  spec: { selector: { app: 'api' } },
} as KubeObject

function evidenceOf(owned: Record<string, KubeObject[]>): ClusterEvidence {
  return {
    context: { now, children: uid => owned[uid] ?? [], endpoints: () => ({ ready: 0, total: 1 }) },
    pods: [crashing],
    nodes: [],
    eventsOf: () => [],
    docker: undefined,
  }
}
const none = { deployments: [], pods: [], services: [], nodes: [] }

describe('findProblems', () => {
  it('tells one cause once: the Deployment, not its pod and not the Service before it', () => {
    const owned = { d: [replicaSet], rs: [crashing] }
    const found = findProblems(
      { ...none, deployments: [deployment], pods: [crashing], services: [service] },
      evidenceOf(owned),
    )
    expect(found.map(p => [p.ref.kind, p.mark])).toEqual([['Deployment', 'err']])
    expect(found[0]?.why?.sentence.key).toBe('why.exit.code')
    expect(found[0]?.since).toBe(now - 200_000)
  })
  it('tells a Service that selects nothing by itself', () => {
    const lonely = { ...service, spec: { selector: { app: 'ghost' } } } as KubeObject
    const found = findProblems({ ...none, services: [lonely] }, evidenceOf({}))
    expect(found.map(p => p.why?.sentence.key)).toEqual(['why.service.noPods'])
  })
  it('makes a pod that is Pending for over a minute a warning, and leaves a younger one alone', () => {
    const pending = (seconds: number) => {
      const pod = podOf({ name: `p${seconds}`, phase: 'Pending', node: '', conditions: [] })
      return { ...pod, metadata: { ...pod.metadata, creationTimestamp: ago(seconds) } }
    }
    const found = findProblems({ ...none, pods: [pending(59), pending(61)] }, evidenceOf({}))
    expect(found.map(p => [p.object.metadata.name, p.mark, p.status.mark])).toEqual([['p61', 'warn', 'pend']])
  })
  it('tells pods of one owner that wait for the same once, and how many they are', () => {
    const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'api-1', uid: 'rs', controller: true }
    const pending = (name: string, owned: boolean) => {
      const pod = podOf({ name, phase: 'Pending', node: '', conditions: [] })
      return {
        ...pod,
        metadata: { ...pod.metadata, creationTimestamp: ago(100), ...(owned && { ownerReferences: [owner] }) },
      }
    }
    const candidates = [pending('a', true), pending('b', true), pending('c', true), pending('d', false)]
    const found = findProblems({ ...none, pods: candidates }, evidenceOf({}))
    expect(found.map(p => [p.object.metadata.name, p.others])).toEqual([
      ['a', 2],
      ['d', 0],
    ])
  })
})
