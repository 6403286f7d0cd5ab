import { describe, expect, it } from 'vitest'
import type { Pod } from '../../../../shared/api/core.ts'
import type { StrategyContext } from '../../resource.ts'
import { pod } from './pod.ts'
import { qosClassOf } from '../../../../shared/machinery/qos-class.ts'

const context: StrategyContext = { now: Date.UTC(2026, 0, 1), random: () => 0, user: 'jane', warn() {} }

function made(spec: Partial<Pod['spec']> = {}, status?: Pod['status']): Pod {
  const object: Pod = {
    metadata: { name: 'web', namespace: 'default', uid: 'u' },
    spec: { containers: [{ name: 'web', image: 'nginx' }], ...spec },
    ...(status && { status }),
  }
  pod.setDefaults?.(object)
  return object
}

describe('a new pod', () => {
  it('is pending, whatever the client says of its status', () => {
    const object = made({}, { phase: 'Running', podIP: '10.0.0.1' })
    pod.prepareForCreate?.(object, context)
    expect(object.status).toEqual({ phase: 'Pending', qosClass: 'BestEffort' })
    expect(object.metadata.generation).toBe(1)
  })

  it('says that gates hold it back', () => {
    const object = made({ schedulingGates: [{ name: 'example.com/wait' }] })
    pod.prepareForCreate?.(object, context)
    expect(object.status?.conditions).toEqual([
      {
        type: 'PodScheduled',
        status: 'False',
        reason: 'SchedulingGated',
        message: 'Scheduling is blocked due to non-empty scheduling gates',
        lastTransitionTime: '2026-01-01T00:00:00Z',
      },
    ])
  })
})

describe('a change of a pod', () => {
  it('counts a generation for a new image', () => {
    const old = made()
    old.metadata.generation = 3
    const object = structuredClone(old)
    pod.prepareForUpdate?.(object, old, context)
    expect(object.metadata.generation).toBe(3)
    object.spec.containers = [{ ...old.spec.containers[0], name: 'web', image: 'nginx:2' }]
    pod.prepareForUpdate?.(object, old, context)
    expect(object.metadata.generation).toBe(4)
    expect(pod.validateUpdate?.(object, old)).toEqual([])
  })

  it('refuses another command', () => {
    const old = made()
    const object = structuredClone(old)
    for (const container of object.spec.containers) container.command = ['sh']
    expect(pod.validateUpdate?.(object, old)).toEqual([
      expect.objectContaining({
        field: 'spec',
        reason: 'FieldValueForbidden',
        message: expect.stringContaining('Forbidden: pod updates may not change fields other than') as string,
      }),
    ])
  })
})

describe('a write to the status', () => {
  it('keeps the quality of service and the two lists of addresses together', () => {
    const old = made({}, { phase: 'Pending', qosClass: 'BestEffort' })
    const object = { ...structuredClone(old), status: { phase: 'Running', podIP: '10.0.0.1' } } as Pod
    pod.status?.prepareForUpdate?.(object, old, context)
    expect(object.status).toEqual({
      phase: 'Running',
      qosClass: 'BestEffort',
      podIP: '10.0.0.1',
      podIPs: [{ ip: '10.0.0.1' }],
    })
    expect(pod.status?.validateUpdate?.(object, old)).toEqual([])
  })
})

describe('grace period', () => {
  const bound = { nodeName: 'podbay' }
  it.each<[string, Pod, number | undefined, number]>([
    ['the default', made(bound), undefined, 30],
    ['as asked', made(bound), 5, 5],
    ['by force', made(bound), 0, 0],
    ['negative', made(bound), -1, 1],
    ['on no node', made(), 60, 0],
    ['already ended', made(bound, { phase: 'Succeeded' }), 60, 0],
  ])('%s', (_, object, asked, expected) => {
    expect(pod.gracePeriod?.(object, asked)).toBe(expected)
  })
})

describe('quality of service', () => {
  const both = { cpu: '1', memory: '1Gi' }
  it.each([
    ['BestEffort', {}],
    ['BestEffort', { requests: { 'example.com/gpu': '1' } }],
    ['Burstable', { requests: { cpu: '1' } }],
    ['Burstable', { requests: both, limits: { cpu: '2', memory: '1Gi' } }],
    ['Guaranteed', { requests: { cpu: '1000m', memory: '1024Mi' }, limits: both }],
  ])('%s of %j', (expected, resources) => {
    expect(qosClassOf({ containers: [{ name: 'a', image: 'x', resources }] })).toBe(expected)
  })
})

describe('STATUS', () => {
  const shown = (object: Pod) => pod.columns.find(({ name }) => name === 'Status')?.cell(object, context.now)
  const containerStatus = (state: object, ready = false) => ({
    name: 'web',
    image: 'nginx',
    imageID: '',
    ready,
    restartCount: 0,
    state,
  })

  it.each<[string, Pod]>([
    ['Pending', made({}, { phase: 'Pending' })],
    ['Running', made({}, { phase: 'Running', containerStatuses: [containerStatus({ running: {} }, true)] })],
    [
      'CrashLoopBackOff',
      made({}, { phase: 'Running', containerStatuses: [containerStatus({ waiting: { reason: 'CrashLoopBackOff' } })] }),
    ],
    [
      'ExitCode:3',
      made({}, { phase: 'Failed', containerStatuses: [containerStatus({ terminated: { exitCode: 3 } })] }),
    ],
    [
      'Init:0/1',
      made(
        { initContainers: [{ name: 'web', image: 'x' }] },
        { phase: 'Pending', initContainerStatuses: [containerStatus({ running: {} })] },
      ),
    ],
  ])('%s', (expected, object) => {
    expect(shown(object)).toBe(expected)
  })

  it('is Terminating while the pod goes', () => {
    const object = made({}, { phase: 'Running' })
    object.metadata.deletionTimestamp = '2026-01-01T00:00:00Z'
    expect(shown(object)).toBe('Terminating')
  })
})
