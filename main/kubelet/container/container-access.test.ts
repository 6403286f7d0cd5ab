import { describe, expect, it } from 'vitest'
import type { ContainerStatus } from '../../../shared/api/core.ts'
import { aPod } from '../pod/pod.fixture.ts'
import { createSimulatedRuntime } from '../simulated/simulated-runtime.ts'
import { createContainerAccess } from './container-access.ts'

const clock = { now: () => 0, setTimeout: () => ({ [Symbol.dispose]() {} }) }
const ended = (containerID?: string) => ({ terminated: { exitCode: 1, ...(containerID && { containerID }) } })
const waiting = (reason: string) => ({ waiting: { reason } })

describe('the log of a container', () => {
  it.each<[string, Pick<ContainerStatus, 'state' | 'lastState'> | undefined, boolean]>([
    ['container "app" in pod "web" is not available', undefined, false],
    ['container "app" in pod "web" is not available', undefined, true],
    [
      'container "app" in pod "web" is waiting to start: ContainerCreating',
      { state: waiting('ContainerCreating') },
      false,
    ],
    ['container "app" in pod "web" is waiting to start: PodInitializing', { state: waiting('PodInitializing') }, false],
    [
      'container "app" in pod "web" is waiting to start: image can\'t be pulled',
      { state: waiting('ErrImagePull') },
      false,
    ],
    [
      'container "app" in pod "web" is waiting to start: trying and failing to pull image',
      { state: waiting('ImagePullBackOff') },
      false,
    ],
    ['container "app" in pod "web" is waiting to start - no logs yet', { state: {} }, false],
    ['container "app" in pod "web" is terminated', { state: ended() }, false],
    ['container "app" in pod "web" is terminated', { state: waiting('CrashLoopBackOff'), lastState: ended() }, false],
    ['unable to retrieve container logs for docker://1', { state: ended('docker://1') }, false],
    ['unable to retrieve container logs for docker://0', { state: ended(), lastState: ended('docker://0') }, false],
    [
      'unable to retrieve container logs for docker://0',
      { state: ended('docker://1'), lastState: ended('docker://0') },
      true,
    ],
    ['previous terminated container "app" in pod "web" not found', { state: ended('docker://1') }, true],
  ])('%s', async (message, state, previous) => {
    await using runtime = createSimulatedRuntime({ clock, podCIDR: '10.244.1.0/24' })
    const access = createContainerAccess({ runtime, records: () => Promise.resolve({ sandboxes: [], containers: [] }) })
    const status = { name: 'app', image: '', imageID: '', ready: false, restartCount: 0, ...state }
    const pod = aPod({}, { status: { containerStatuses: state ? [status] : [] } })
    const options = { previous, follow: false, timestamps: false, signal: new AbortController().signal }
    await expect(access.logs(pod, 'app', options)).rejects.toMatchObject({ message, code: 400 })
  })
})
