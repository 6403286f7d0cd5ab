import { describe, expect, it } from 'vitest'
import { ago, ended, now, podOf } from '../testing/objects.ts'
import { lastRestart, podStatus, restartsOf } from './pod-status.ts'

const waiting = (reason: string) => ({ state: { waiting: { reason } } })

describe('podStatus', () => {
  it('shows a pod that runs and is ready as a circle', () => {
    expect(podStatus(podOf(), now)).toEqual({ mark: 'ok', word: 'Running' })
  })

  it('shows a restart of the last two hours as a triangle, an older one as a circle', () => {
    const restarted = (seconds: number) => podOf({ container: { restartCount: 3, lastState: ended(137, seconds) } })
    expect(podStatus(restarted(540), now)).toEqual({ mark: 'warn', word: 'Running', note: 'restarted' })
    expect(podStatus(restarted(7_201), now)).toEqual({ mark: 'ok', word: 'Running' })
  })

  it('gives a pod that is not ready 30 seconds before it needs a look', () => {
    expect(podStatus(podOf({ ready: false, turned: 29 }), now).mark).toBe('pend')
    expect(podStatus(podOf({ ready: false, turned: 31 }), now).mark).toBe('warn')
  })

  it.each(['CrashLoopBackOff', 'ImagePullBackOff', 'ErrImageNeverPull', 'CreateContainerConfigError', 'SomeNewError'])(
    'shows %s as a square',
    reason => {
      expect(podStatus(podOf({ container: waiting(reason), ready: false }), now)).toEqual({ mark: 'err', word: reason })
    },
  )

  it('shows what is on its way as a ring', () => {
    const pending = podOf({ phase: 'Pending', node: '', conditions: [] })
    expect(podStatus(pending, now)).toEqual({ mark: 'pend', word: 'Pending' })
    expect(podStatus(podOf({ container: waiting('ContainerCreating'), ready: false }), now).mark).toBe('pend')
  })

  it('counts init containers, and names the one that fails', () => {
    const init = (own: object) => podOf({ init: own, container: waiting('PodInitializing'), ready: false })
    expect(podStatus(init({ state: { running: {} } }), now)).toEqual({ mark: 'pend', word: 'Init:0/1' })
    expect(podStatus(init(waiting('CrashLoopBackOff')), now)).toEqual({ mark: 'err', word: 'Init:CrashLoopBackOff' })
    expect(podStatus(init({ state: ended(0, 10, { reason: 'Completed' }) }), now).word).toBe('PodInitializing')
  })

  it('shows what ended well as a tick and what did not as a square', () => {
    const over = (code: number, reason?: string) =>
      podOf({ phase: code ? 'Failed' : 'Succeeded', ready: false, container: { state: ended(code, 10, { reason }) } })
    expect(podStatus(over(0, 'Completed'), now)).toEqual({ mark: 'done', word: 'Completed' })
    expect(podStatus(over(3), now)).toEqual({ mark: 'err', word: 'ExitCode:3' })
    expect(podStatus(over(137, 'OOMKilled'), now)).toEqual({ mark: 'err', word: 'OOMKilled' })
  })

  it('marks every pod that failed, and says why beside what its containers say', () => {
    const failed = (reason: string, container = {}) => {
      const pod = podOf({ phase: 'Failed', ready: false, container })
      return podStatus({ ...pod, status: { ...pod.status, reason } }, now)
    }
    expect(failed('SysctlForbidden', { state: {} })).toEqual({ mark: 'err', word: 'SysctlForbidden' })
    expect(failed('Evicted', { state: ended(137, 9, { reason: 'Error' }) })).toEqual({
      mark: 'err',
      word: 'Error',
      note: 'Evicted',
    })
  })

  it('notes a resize that has to wait', () => {
    const conditions = [
      { type: 'Ready', status: 'True' },
      { type: 'PodResizePending', status: 'True', reason: 'Infeasible' },
    ]
    expect(podStatus(podOf({ conditions }), now)).toEqual({ mark: 'warn', word: 'Running', note: 'notResized' })
  })

  it('says Terminating whatever the containers do', () => {
    const pod = podOf({ container: waiting('CrashLoopBackOff') })
    expect(podStatus({ ...pod, metadata: { ...pod.metadata, deletionTimestamp: ago(1) } }, now).word).toBe(
      'Terminating',
    )
  })
})

describe('restarts', () => {
  it('adds up containers and knows the last one', () => {
    const pod = podOf({ container: { restartCount: 2, lastState: ended(1, 60) }, init: { restartCount: 1 } })
    expect(restartsOf(pod)).toBe(3)
    expect(lastRestart(pod)).toBe(now - 60_000)
    expect(lastRestart(podOf())).toBeUndefined()
  })
})
