import { expect, it } from 'vitest'
import { defaultConfiguration } from '../configuration/kubelet-configuration.ts'
import { aPod } from './pod.fixture.ts'
import { sandboxConfig } from './sandbox-config.ts'

it('bounds the processes of a whole pod where somebody chose a limit', () => {
  const resources = (podPidsLimit: number) =>
    sandboxConfig(aPod(), { attempt: 0, clusterDomain: 'cluster.local', podPidsLimit, runtimeHandler: '' }).resources
  expect(resources(60)).toMatchObject({ processes: 60 })
  expect(resources(defaultConfiguration.podPidsLimit)).toBeUndefined()
  expect(resources(-1)).toBeUndefined()
})
