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
    expect(whyPod({ pod: crash(137), events, now })?.sentence.key).toBe('why.exit.liveness')
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
      'why.ready.readiness',
    )
    expect(whyPod({ pod, events: [], now })?.sentence.key).toBe('why.ready.waiting')
  })

  it('does not take one probe, or the probe of another container, for the other', () => {
    const startup = [eventOf('Unhealthy', 'Startup probe failed: not yet', 70)]
    expect(whyPod({ pod: crash(143), events: startup, now })?.sentence.key).toBe('why.exit.startup')
    const [event] = [eventOf('Unhealthy', 'Liveness probe failed: 500', 70)]
    const other = { ...event, involvedObject: { ...event.involvedObject, fieldPath: 'spec.containers{other}' } }
    expect(whyPod({ pod: crash(143), events: [other], now })?.sentence.key).toBe('why.exit.terminated')
  })

  it('is not sure of a probe that was told of long ago', () => {
    const events = [eventOf('Unhealthy', 'Liveness probe failed: 500', 1800)]
    expect(whyPod({ pod: crash(143), events, now })).toMatchObject({
      sure: false,
      sentence: { key: 'why.exit.liveness' },
    })
  })

  it('blames the postStart hook that failed', () => {
    const events = [eventOf('FailedPostStartHook', 'PostStartHook failed', 61)]
    expect(whyPod({ pod: crash(143), events, now })?.sentence.key).toBe('why.exit.hook')
  })

  it('does not say of a container that ended once that it does so again and again', () => {
    const pod = podOf({ ready: false, phase: 'Failed', container: { state: ended(4, 60, { reason: 'Error' }) } })
    const why = whyPod({ pod, events: [], now })
    expect(why?.sentence.key).toBe('why.exit.once')
    // There was no run before it whose log could be read.
    expect(why?.actions[0]?.do).toBe('logs')
  })

  it('tells a command that is not there from one that fails', () => {
    const message = 'exec: "/bin/web": stat /bin/web: no such file or directory: unknown'
    expect(whyPod({ pod: crash(128, { reason: 'StartError', message }), events: [], now })?.sentence).toEqual({
      key: 'why.container.noCommand',
      params: { container: 'api', command: '/bin/web' },
    })
  })

  it.each([
    ["couldn't find key host in ConfigMap shop/db", 'why.config.noKey', 'open'],
    ['secret "db-login" not found', 'why.config.missing', 'edit'],
    ['container has runAsNonRoot and image will run as root (pod: "x", container: api)', 'why.config.root', 'edit'],
  ])('knows what is wrong with a configuration: %s', (message, key, action) => {
    const waiting = { reason: 'CreateContainerConfigError', message }
    const why = whyPod({ pod: podOf({ ready: false, container: { state: { waiting } } }), events: [], now })
    expect([why?.sentence.key, why?.actions[0]?.do]).toEqual([key, action])
  })

  it.each([
    ['Evicted', 'The node was low on resource: memory. Threshold quantity: 1Gi', 'why.failed.nodeLow'],
    ['Evicted', 'Usage of EmptyDir volume "s" exceeds the limit "5Mi". ', 'why.failed.emptyDir'],
    ['DeadlineExceeded', 'Pod was active on the node longer than the specified deadline', 'why.failed.deadline'],
    ['SysctlForbidden', 'Pod was rejected: forbidden sysctl: "x" not allowlisted', 'why.failed.rejected'],
  ])('tells why a pod failed as a whole: %s, %s', (reason, message, key) => {
    const pod = podOf({ phase: 'Failed', ready: false })
    const why = whyPod({ pod: { ...pod, status: { ...pod.status, reason, message } }, events: [], now })
    expect(why?.sentence.key).toBe(key)
    expect(why?.facts[0]?.lines?.[0]).toBe(message.trimEnd())
  })

  describe('of a pod that is on its way', () => {
    const waits = (message?: string) => ({
      state: { waiting: { reason: 'ContainerCreating', ...(message && { message }) } },
    })
    const pending = (container: object, ready = 'False') =>
      podOf({
        phase: 'Pending',
        ready: false,
        container,
        conditions: [{ type: 'PodReadyToStartContainers', status: ready }],
      })

    it('says how far the pull of an image is', () => {
      const pod = pending(waits('Pulling image: 12 of 48 MB'), 'True')
      expect(whyPod({ pod, events: [], now })?.sentence).toMatchObject({
        key: 'why.pending.pulling',
        params: { image: 'shop/api:2.4.0', done: '12 of 48 MB' },
      })
    })

    it('names the volume that can not be mounted, and what it lacks, until it could be', () => {
      const events = [eventOf('FailedMount', 'MountVolume.SetUp failed for volume "conf" : configmap "app" not found')]
      expect(whyPod({ pod: pending(waits()), events, now })?.sentence).toMatchObject({
        key: 'why.volume.missing',
        params: { volume: 'conf', kind: 'ConfigMap', name: 'app' },
      })
      expect(whyPod({ pod: pending(waits(), 'True'), events, now })?.sentence.key).toBe('why.pending.starting')
    })

    it('names the init container that the others wait for', () => {
      const pod = podOf({ phase: 'Pending', ready: false, container: waits(), init: {}, conditions: [] })
      const why = whyPod({ pod, events: [], now })
      expect(why?.sentence).toEqual({ key: 'why.pending.init', params: { container: 'copy' } })
      expect(why?.actions[0]).toMatchObject({ do: 'logs', container: 'copy' })
    })

    it('names the claim that does not exist', () => {
      const message = '0/2 nodes are available: persistentvolumeclaim "data" not found.'
      const conditions = [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message }]
      const pod = podOf({ phase: 'Pending', node: '', conditions })
      expect(whyPod({ pod, events: [], now })?.sentence).toEqual({
        key: 'why.pending.noClaim',
        params: { name: 'data' },
      })
    })
  })

  it('says why a pod runs with other resources than it asks for', () => {
    const conditions = [
      { type: 'Ready', status: 'True' },
      {
        type: 'PodResizePending',
        status: 'True',
        reason: 'Deferred',
        message: 'Node did not have enough resource: cpu',
      },
    ]
    expect(whyPod({ pod: podOf({ conditions }), events: [], now })?.sentence.key).toBe('why.resize.deferred')
  })

  it('names the finalizers that keep a deleted pod', () => {
    const pod = podOf()
    const going = { ...pod, metadata: { ...pod.metadata, deletionTimestamp: ago(9), finalizers: ['example.com/keep'] } }
    expect(whyPod({ pod: going, events: [], now })?.sentence.key).toBe('why.terminating.grace')
    const stopped = { ...going, status: { ...going.status, containerStatuses: [] } }
    expect(whyPod({ pod: stopped, events: [], now })?.sentence).toMatchObject({
      key: 'why.terminating.finalizers',
      params: { finalizers: 'example.com/keep' },
    })
  })
})
