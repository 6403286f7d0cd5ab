import { describe, expect, it } from 'vitest'
import type { Pod, PodSpec } from '../../../shared/api/core.ts'
import { podStatus } from './pod-status.ts'
import type { PodStatusInput } from './pod-status.ts'
import { statusPatch } from './status-patch.ts'
import { aPod, aRecord, aSandbox, exited } from '../pod/pod.fixture.ts'
import type { ContainerRecord } from '../runtime.ts'

const now = Date.UTC(2026, 0, 1)

function status(containers: ContainerRecord[], change: Partial<PodStatusInput> & { spec?: Partial<PodSpec> } = {}) {
  const { spec, ...rest } = change
  return podStatus({
    pod: aPod(spec),
    records: { sandboxes: [aSandbox()], containers },
    waiting: new Map(),
    started: () => true,
    ready: () => true,
    hostIP: '172.18.0.2',
    now,
    terminal: false,
    ...rest,
  })
}

const init = { initContainers: [{ name: 'init', image: 'nginx' }] }
const sidecar = { initContainers: [{ name: 'proxy', image: 'nginx', restartPolicy: 'Always' }] }
const retried = { restartPolicy: 'Never', containers: [{ name: 'app', image: 'nginx', restartPolicy: 'OnFailure' }] }
const crash = new Map([['app', { reason: 'CrashLoopBackOff', message: 'back-off 10s' }]])

describe('phase', () => {
  it.each<[string, ContainerRecord[], Parameters<typeof status>[1], string]>([
    ['nothing started', [], {}, 'Pending'],
    ['running', [aRecord()], {}, 'Running'],
    ['init runs', [aRecord({ name: 'init' })], { spec: init }, 'Pending'],
    ['init failed, tried again', [exited(1, { name: 'init' })], { spec: init }, 'Pending'],
    ['init failed with Never', [exited(1, { name: 'init' })], { spec: { ...init, restartPolicy: 'Never' } }, 'Failed'],
    ['exited with Always', [exited(0)], {}, 'Running'],
    ['crash loop', [exited(1)], { waiting: crash }, 'Running'],
    ['success with OnFailure', [exited(0)], { spec: { restartPolicy: 'OnFailure' } }, 'Succeeded'],
    ['failure with OnFailure', [exited(1)], { spec: { restartPolicy: 'OnFailure' } }, 'Running'],
    ['failure with Never', [exited(1)], { spec: { restartPolicy: 'Never' } }, 'Failed'],
    ['deleted, stopped well', [exited(0)], { terminal: true }, 'Succeeded'],
    ['deleted, killed', [exited(137)], { terminal: true }, 'Failed'],
    [
      'past its deadline',
      [exited(0)],
      { terminal: true, failure: { reason: 'DeadlineExceeded', message: 'm' } },
      'Failed',
    ],
    ['failure with Never, OnFailure of its own', [exited(1)], { spec: retried }, 'Running'],
    [
      'a sidecar outlives the rest',
      [exited(0), aRecord({ name: 'proxy' })],
      { spec: { ...sidecar, restartPolicy: 'Never' } },
      'Running',
    ],
    ['deleted before it began', [], { terminal: true }, 'Failed'],
  ])('%s', (_, containers, change, phase) => {
    expect(status(containers, change).phase).toBe(phase)
  })

  it('never leaves its end', () => {
    expect(status([aRecord()], { pod: aPod({}, { status: { phase: 'Failed' } }) }).phase).toBe('Failed')
  })
})

it('comes to its end only when nothing runs any more', () => {
  const pod = aPod({}, { status: { phase: 'Running' } })
  const failure = { reason: 'Evicted', message: 'm', disruption: 'd' }
  const ending = status([aRecord()], { pod, failure })
  expect(ending).toMatchObject({ phase: 'Running' })
  expect(ending).not.toHaveProperty('reason')
  const types = (s: typeof ending) => (s.conditions ?? []).map(c => c.type)
  expect(types(ending)).not.toContain('DisruptionTarget')
  expect(ending.conditions?.find(c => c.type === 'Ready')).toMatchObject({ status: 'False', reason: 'PodFailed' })
  const over = status([exited(0)], { pod, failure, terminal: true })
  expect(over).toMatchObject({ phase: 'Failed', reason: 'Evicted' })
  expect(types(over)).toContain('DisruptionTarget')
})

describe('container states', () => {
  it('tells of a container that nobody saw end', () => {
    const lost = { exitCode: 137, reason: 'ContainerStatusUnknown' }
    const [container] = status([], { terminal: true }).containerStatuses ?? []
    expect(container?.state?.terminated).toMatchObject(lost)
    const unreached = status([], { terminal: true, spec: init })
    expect(unreached.initContainerStatuses?.[0]?.state?.terminated).toMatchObject(lost)
    expect(unreached.containerStatuses?.[0]?.state?.waiting?.reason).toBe('PodInitializing')
  })

  it('tells of containers that were removed to run again, and counts them once', () => {
    const rules = [{ action: 'RestartAllContainers', exitCodes: { operator: 'In', values: [42] } }]
    const spec: Partial<PodSpec> = {
      containers: [{ name: 'app', image: 'nginx', restartPolicy: 'Never', restartPolicyRules: rules }],
    }
    const asked = status([exited(42)], { spec })
    const condition = (s: typeof asked) => s.conditions?.find(c => c.type === 'AllContainersRestarting')
    expect(condition(asked)).toMatchObject({ status: 'True', reason: 'RestartAllContainersStarted' })
    const removed = status([], { pod: aPod(spec, { status: asked }) })
    expect(removed).toMatchObject({
      phase: 'Running',
      containerStatuses: [
        {
          restartCount: 1,
          state: { waiting: { reason: 'RestartingAllContainers' } },
          lastState: { terminated: { reason: 'RestartingAllContainers', exitCode: 137 } },
        },
      ],
    })
    expect(condition(removed)?.status).toBe('False')
    expect(condition(removed)).not.toHaveProperty('reason')
    const waiting = status([], { pod: aPod(spec, { status: removed }) })
    expect(waiting.containerStatuses?.[0]?.restartCount).toBe(1)
  })

  it('keeps the last words of a container when their file is gone', () => {
    const ended = { spec: { restartPolicy: 'Never' }, terminal: true }
    const before = status([exited(1, { message: 'no such host' })], ended)
    const after = status([exited(1)], { ...ended, pod: aPod(ended.spec, { status: before }) })
    expect(after.containerStatuses?.[0]?.state?.terminated?.message).toBe('no such host')
    const next = status([exited(2, { attempt: 1 })], { ...ended, pod: aPod(ended.spec, { status: before }) })
    expect(next.containerStatuses?.[0]?.state?.terminated?.message).toBeUndefined()
  })

  it('shows a running container with its last end', () => {
    const [container] = status([exited(3), aRecord({ attempt: 1, startedAt: now })]).containerStatuses ?? []
    expect(container).toMatchObject({
      containerID: 'docker://app-1',
      imageID: 'sha256:1',
      restartCount: 1,
      ready: true,
      started: true,
      state: { running: { startedAt: '2026-01-01T00:00:00Z' } },
      lastState: { terminated: { exitCode: 3, reason: 'Error', containerID: 'docker://app-0' } },
    })
  })

  it('shows a back-off as waiting and the end before it as the last state', () => {
    const [container] = status([exited(1)], { waiting: crash }).containerStatuses ?? []
    expect(container?.state).toEqual({ waiting: { reason: 'CrashLoopBackOff', message: 'back-off 10s' } })
    expect(container?.lastState?.terminated?.exitCode).toBe(1)
  })

  it('does not tell the end that it shows as the last state too', () => {
    const ended = { spec: { restartPolicy: 'Never' } }
    const held = status([exited(1)], { ...ended, waiting: crash })
    const [container] =
      status([exited(1)], { ...ended, pod: aPod(ended.spec, { status: held }) }).containerStatuses ?? []
    expect(container?.state?.terminated?.exitCode).toBe(1)
    expect(container?.lastState).toEqual({})
  })

  it('is not ready before startup and readiness probes pass', () => {
    expect(status([aRecord()], { started: () => false }).containerStatuses?.[0]).toMatchObject({
      started: false,
      ready: false,
    })
    expect(status([aRecord()], { ready: () => false }).containerStatuses?.[0]).toMatchObject({
      started: true,
      ready: false,
    })
  })

  it('waits as PodInitializing behind init containers', () => {
    const found = status([aRecord({ name: 'init' })], { spec: init })
    expect(found.containerStatuses?.[0]?.state).toEqual({ waiting: { reason: 'PodInitializing' } })
    expect(found.initContainerStatuses?.[0]?.state?.running).toBeDefined()
  })

  it('waits as PodInitializing in init containers, too, also the first', () => {
    expect(status([], { spec: init }).initContainerStatuses?.[0]?.state).toEqual({
      waiting: { reason: 'PodInitializing' },
    })
  })

  it('keeps what is known of a container whose record was removed', () => {
    const known = {
      name: 'app',
      image: 'nginx',
      imageID: 'i',
      ready: false,
      restartCount: 2,
      containerID: 'docker://x',
      state: { terminated: { exitCode: 1 } },
    }
    const pod = aPod({ restartPolicy: 'Never' }, { status: { phase: 'Failed', containerStatuses: [known] } })
    expect(status([], { pod }).containerStatuses).toEqual([known])
  })
})

describe('conditions', () => {
  const summary = (pod: ReturnType<typeof status>) =>
    Object.fromEntries(
      (pod.conditions ?? []).map(c => [c.type, [c.status, c.reason, c.message].filter(Boolean).join(' ')]),
    )

  it('tells what is missing', () => {
    expect(summary(status([], { spec: init }))).toEqual({
      PodReadyToStartContainers: 'True',
      Initialized: 'False ContainersNotInitialized containers with incomplete status: [init]',
      PodScheduled: 'True',
      Ready: 'False ContainersNotReady containers with unready status: [app]',
      ContainersReady: 'False ContainersNotReady containers with unready status: [app]',
    })
  })

  it('is ready when all is', () => {
    expect(summary(status([aRecord()]))).toEqual({
      PodReadyToStartContainers: 'True',
      Initialized: 'True',
      PodScheduled: 'True',
      Ready: 'True',
      ContainersReady: 'True',
    })
  })

  it('is completed after success', () => {
    const found = summary(status([exited(0)], { spec: { restartPolicy: 'Never' } }))
    expect(found).toMatchObject({
      Initialized: 'True PodCompleted',
      Ready: 'False PodCompleted',
      ContainersReady: 'False PodCompleted',
    })
  })

  it('waits for readiness gates', () => {
    const gated = { readinessGates: [{ conditionType: 'example.com/up' }] }
    const why = 'corresponding condition of pod readiness gate "example.com/up" does not exist.'
    expect(summary(status([aRecord()], { spec: gated })).Ready).toBe(`False ReadinessGatesNotReady ${why}`)
    const pod = aPod(gated, { status: { conditions: [{ type: 'example.com/up', status: 'True' }] } })
    expect(summary(status([aRecord()], { pod })).Ready).toBe('True')
  })

  it('keeps the transition time while the status stays', () => {
    const before = { type: 'Ready', status: 'True', lastTransitionTime: '2025-01-01T00:00:00Z' }
    const found = status([aRecord()], { pod: aPod({}, { status: { conditions: [before] } }) })
    expect(found.conditions?.find(c => c.type === 'Ready')?.lastTransitionTime).toBe('2025-01-01T00:00:00Z')
    expect(found.conditions?.find(c => c.type === 'ContainersReady')?.lastTransitionTime).toBe('2026-01-01T00:00:00Z')
  })
})

describe('statusPatch', () => {
  const written = (): Pod => aPod({}, { status: status([aRecord()]) })

  it('is nothing when nothing changed', () => {
    expect(statusPatch(written(), status([aRecord()]))).toBeUndefined()
  })

  it('leaves the conditions of others alone and names its pod', () => {
    const pod = written()
    const ready = { type: 'Ready', status: 'False', reason: 'ContainersNotReady', message: 'm' }
    pod.status = { ...pod.status, conditions: [{ type: 'example.com/up', status: 'True' }, ready] }
    const patch = statusPatch(pod, { ...status([aRecord()]), conditions: [{ type: 'Ready', status: 'True' }] })
    expect(patch).toEqual({
      metadata: { uid: 'u1' },
      status: { conditions: [{ type: 'Ready', status: 'True', reason: null, message: null }] },
    })
  })

  it('replaces addresses, which would merge', () => {
    const patch = statusPatch(written(), { ...status([aRecord()]), podIPs: [{ ip: '10.1.0.9' }] })
    expect(patch).toMatchObject({ status: { podIPs: [{ ip: '10.1.0.9' }, { $patch: 'replace' }] } })
  })
})

it('an ephemeral container is told of beside the others, is never ready and ends no pod', () => {
  const spec = { ephemeralContainers: [{ name: 'debug', image: 'nginx' }] }
  const before = status([aRecord()], { spec })
  expect(before.ephemeralContainerStatuses).toMatchObject([
    { name: 'debug', ready: false, state: { waiting: { reason: 'ContainerCreating' } } },
  ])
  const after = status([aRecord(), exited(3, { name: 'debug' })], { spec })
  expect(after.phase).toBe('Running')
  expect(after.ephemeralContainerStatuses?.[0]).toMatchObject({ state: { terminated: { exitCode: 3 } } })
  expect(after.ephemeralContainerStatuses?.[0]).not.toHaveProperty('started')
})
