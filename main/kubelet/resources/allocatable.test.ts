import { expect, it } from 'vitest'
import { allocatableOf } from './allocatable.ts'
import { defaultConfiguration } from '../configuration/kubelet-configuration.ts'

const capacity = { cpu: '4', memory: '8127904Ki', 'ephemeral-storage': '100Gi', pods: '110', 'example.com/dongle': '3' }

it('keeps what hard thresholds guard from pods, and nothing else by default', () => {
  expect(allocatableOf(capacity, defaultConfiguration)).toEqual({
    cpu: '4',
    memory: '8025504Ki',
    // Upstream counts with percentages of 32 bits.
    'ephemeral-storage': '96636764k',
    pods: '110',
    'example.com/dongle': '3',
  })
  expect(allocatableOf(capacity, { ...defaultConfiguration, evictionHard: {} })).toEqual(capacity)
})

it('keeps what is reserved, and large pages of memory, but is never negative', () => {
  const reserving = {
    ...defaultConfiguration,
    evictionHard: { 'memory.available': '1Gi' },
    kubeReserved: { cpu: '200m', memory: '1Gi' },
    systemReserved: { cpu: '300m', memory: '512Mi', 'ephemeral-storage': '1Ti', pid: '100' },
  }
  expect(
    allocatableOf({ cpu: '2', memory: '4Gi', 'ephemeral-storage': '1Gi', 'hugepages-2Mi': '512Mi' }, reserving),
  ).toEqual({ cpu: '1500m', memory: '1Gi', 'ephemeral-storage': '0', 'hugepages-2Mi': '512Mi' })
})
