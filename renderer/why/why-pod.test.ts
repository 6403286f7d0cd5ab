import { describe, expect, it } from 'vitest'
import { ago, ended, eventOf, now, podOf } from '../testing/objects.ts'
import { whyPod } from './why-pod.ts'

const crash = (code: number, more: object = {}, memoryLimit?: string) =>
  podOf({
    ready: false,
    container: {
      restartCount: 5,
      state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 2m40s restarting failed container=api' } },
      lastState: ended(code, 60, more),
    },
    ...(memoryLimit && { memoryLimit }),
  })

describe('whyPod', () => {
  it('has nothing to say about a pod that is fine', () => {
    expect(whyPod({ pod: podOf(), events: [], now })).toBeUndefined()
  })

  it('explains a crash by its exit code, with the last words and the back-off', () => {
    const why = whyPod({ pod: crash(1, { message: 'no database\n' }), events: [], now })
    expect(why?.sentence).toMatchObject({ key: 'why.exit.code', params: { container: 'api', code: 1 } })
    expect(why?.facts).toContainEqual(expect.objectContaining({ lines: ['no database'] }))
    expect(why?.facts).toContainEqual(
      expect.objectContaining({ text: { key: 'why.fact.waits', params: { wait: '2m40s' } } }),
    )
    expect(why?.actions[0]?.do).toBe('previousLogs')
  })

  it('says that memory ran out, and against which limit', () => {
    const why = whyPod({ pod: crash(137, { reason: 'OOMKilled' }, '3Gi'), events: [], now })
    expect(why?.sentence).toMatchObject({ key: 'why.exit.oomLimit', params: { limit: '3Gi' } })
    expect(why?.sure).toBe(true)
  })

  it('blames the liveness probe when it has just failed', () => {
    const events = [eventOf('Unhealthy', 'Liveness probe failed: 500', 70)]
    expect(whyPod({ pod: crash(137), events, now })?.sentence.key).toBe('why.exit.probe')
    expect(whyPod({ pod: crash(137), events: [], now })).toMatchObject({
      sure: false,
      sentence: { key: 'why.exit.killed' },
    })
  })

  it('takes the cause of a failed pull from the event, not from the back-off', () => {
    const pod = podOf({
      ready: false,
      container: {
        image: 'r.example/api:9',
        state: { waiting: { reason: 'ImagePullBackOff', message: 'Back-off pulling image' } },
      },
    })
    const events = [
      eventOf('Failed', 'Failed to pull image "r.example/api:9": manifest unknown', 20),
      // Comes right after it, and says nothing.
      eventOf('Failed', 'Error: ErrImagePull', 10),
    ]
    const why = whyPod({ pod, events, now })
    expect(why?.sentence).toMatchObject({
      key: 'why.image.missing',
      params: { registry: 'r.example', image: 'r.example/api:9' },
    })
    expect(why?.facts.at(-1)?.lines?.[0]).toContain('manifest unknown')
  })

  it('names the ConfigMap that is missing', () => {
    const waiting = { reason: 'CreateContainerConfigError', message: 'configmap "api-config" not found' }
    const why = whyPod({ pod: podOf({ ready: false, container: { state: { waiting } } }), events: [], now })
    expect(why?.sentence).toMatchObject({
      key: 'why.config.missing',
      params: { kind: 'ConfigMap', name: 'api-config' },
    })
  })

  it('says for each reason how many nodes do not fit, and offers to uncordon', () => {
    const message = '0/3 nodes are available: 1 node(s) were unschedulable, 2 Insufficient memory.'
    const pod = podOf({
      phase: 'Pending',
      node: '',
      conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message }],
    })
    const cordoned = { metadata: { name: 'bay-3', uid: 'n' }, spec: { unschedulable: true } }
    const why = whyPod({ pod, events: [], nodes: [cordoned], now })
    expect(why?.sentence).toEqual({
      key: 'why.pending.noneFits',
      params: {
        reasons: [
          { key: 'why.nodes.some.memory', params: { detail: 'memory' }, n: 2 },
          { key: 'why.nodes.some.cordoned', params: { detail: '' }, n: 1 },
        ],
      },
    })
    expect(why?.actions[0]).toMatchObject({ do: 'uncordon', target: { name: 'bay-3' } })
  })

  it('tells a failing readiness probe from a pod that just needs time', () => {
    const pod = podOf({ ready: false, turned: 60 })
    expect(whyPod({ pod, events: [eventOf('Unhealthy', 'Readiness probe failed: refused')], now })?.sentence.key).toBe(
      'why.ready.probe',
    )
    expect(whyPod({ pod, events: [], now })?.sentence.key).toBe('why.ready.waiting')
  })

  it('names the finalizers that keep a deleted pod', () => {
    const pod = podOf()
    const going = { ...pod, metadata: { ...pod.metadata, deletionTimestamp: ago(9), finalizers: ['example.com/keep'] } }
    expect(whyPod({ pod: going, events: [], now })?.sentence).toMatchObject({
      key: 'why.terminating.finalizers',
      params: { finalizers: 'example.com/keep' },
    })
  })
})
