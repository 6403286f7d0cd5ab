import { describe, expect, it } from 'vitest'
import type { Service } from '../../shared/api/core.ts'
import type { Deployment } from '../../shared/api/apps.ts'
import { ended, now, podOf } from '../testing/objects.ts'
import { whyDeployment, whyService } from './why-workload.ts'
import { whyNode } from './why-node.ts'

const failing = podOf({
  name: 'api-new',
  ready: false,
  container: { state: { waiting: { reason: 'CrashLoopBackOff' } }, lastState: ended(1, 5), restartCount: 2 },
})
const deployment = { metadata: { name: 'api', uid: 'd', namespace: 'shop' }, spec: {}, status: {} } as Deployment
const eventsOf = () => []

describe('whyDeployment', () => {
  it('tells the cause of its worst pod and how many still serve', () => {
    const why = whyDeployment(deployment, { pods: [podOf(), failing], eventsOf, now })
    expect(why?.sentence.key).toBe('why.exit.code')
    expect(why?.facts[0]).toMatchObject({ text: 'api-new', mark: 'err' })
    expect(why?.facts[1]?.text).toMatchObject({ params: { ready: 1, total: 2 } })
  })
  it('says that the server refuses its pods', () => {
    const refused = {
      ...deployment,
      status: { conditions: [{ type: 'ReplicaFailure', status: 'True', message: 'exceeded quota' }] },
    }
    expect(whyDeployment(refused, { pods: [], eventsOf, now })?.facts[0]?.lines).toEqual(['exceeded quota'])
  })
})

describe('whyService', () => {
  const service = (spec: object): Service => ({ metadata: { name: 'api', namespace: 'shop', uid: 's' }, spec })
  it('says that nothing has its labels', () => {
    const why = whyService(service({ selector: { app: 'ghost' } }), { pods: [podOf()], now })
    expect(why?.sentence).toMatchObject({ key: 'why.service.noPods', params: { selector: 'app=ghost' } })
  })
  it('names a pod that is not ready', () => {
    const why = whyService(service({ selector: { app: 'api' } }), { pods: [failing], now })
    expect(why?.sentence.key).toBe('why.service.noneReady')
    expect(why?.actions[0]).toMatchObject({ do: 'open', target: { name: 'api-new' } })
  })
  it('finds a target port that no pod names', () => {
    const spec = { selector: { app: 'api' }, ports: [{ port: 80, targetPort: 'web' }] }
    expect(whyService(service(spec), { pods: [podOf()], now })?.sentence).toMatchObject({
      key: 'why.service.noPort',
      params: { port: 'web' },
    })
  })
})

describe('whyNode', () => {
  const node = {
    metadata: { name: 'bay-1', uid: 'n' },
    status: { conditions: [{ type: 'Ready', status: 'False', message: 'no runtime' }] },
  }
  it('explains it by the Docker Engine when that is gone', () => {
    expect(whyNode(node, { state: 'unreachable', version: '', message: 'connect ENOENT' })?.sentence.key).toBe(
      'why.node.dockerStopped',
    )
    expect(whyNode(node, { state: 'ready', version: '29', message: '' })?.sentence.key).toBe('why.node.notReady')
  })
})
