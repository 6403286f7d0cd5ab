import { describe, expect, it } from 'vitest'
import { configz } from './configz.ts'
import { imageSettings } from './image-settings.ts'
import { defaultConfiguration, defaultEvictionHard } from './kubelet-configuration.ts'
import { readConfiguration } from './read-configuration.ts'

const head = { apiVersion: 'kubelet.config.k8s.io/v1beta1', kind: 'KubeletConfiguration' }
const read = (fields: object) => readConfiguration({ ...head, ...fields }).configuration

describe('a KubeletConfiguration', () => {
  it('that says nothing is the default one', () => {
    expect(readConfiguration(undefined).configuration).toEqual(defaultConfiguration)
    expect(read({})).toEqual(defaultConfiguration)
    expect(read({ maxPods: 0, nodeLeaseDurationSeconds: 0, evictionHard: null })).toEqual(defaultConfiguration)
  })

  it('has durations in milliseconds, also those that depend on others', () => {
    expect(read({ evictionPressureTransitionPeriod: '1m30s' }).evictionPressureTransitionPeriod).toBe(90_000)
    expect(read({ crashLoopBackOff: { maxContainerRestartPeriod: '2s' } }).crashLoopBackOff).toEqual({
      maxContainerRestartPeriod: 2000,
    })
    expect(read({ nodeStatusUpdateFrequency: '20s' }).nodeStatusReportFrequency).toBe(20_000)
    expect(read({ nodeStatusUpdateFrequency: '20s', nodeStatusReportFrequency: '1m' }).nodeStatusReportFrequency).toBe(
      60_000,
    )
  })

  it('replaces the thresholds of hard evictions as a whole, unless they are to be merged', () => {
    const evictionHard = { 'memory.available': '1Gi' }
    expect(read({ evictionHard }).evictionHard).toEqual(evictionHard)
    expect(read({ evictionHard: {} }).evictionHard).toEqual({})
    expect(read({ evictionHard, mergeDefaultEvictionSettings: true }).evictionHard).toEqual({
      ...defaultEvictionHard,
      ...evictionHard,
    })
  })

  it('pulls side by side as soon as several pulls are allowed', () => {
    expect(read({ maxParallelImagePulls: 3 })).toMatchObject({ serializeImagePulls: false, maxParallelImagePulls: 3 })
    expect(read({ maxParallelImagePulls: 1 }).serializeImagePulls).toBe(true)
  })

  it('collects images only if it says something of that', () => {
    expect(imageSettings(read({ maxParallelImagePulls: 3 })).garbageCollection).toBeUndefined()
    expect(imageSettings(read({ imageMinimumGCAge: '5m' })).garbageCollection).toMatchObject({
      imageGCHighThresholdPercent: 85,
      imageGCLowThresholdPercent: 80,
      imageMinimumGCAge: 300_000,
    })
    expect(imageSettings(read({ imageGCHighThresholdPercent: 100 })).garbageCollection).toBeUndefined()
  })

  it('tells which of its fields mean nothing here', () => {
    expect(readConfiguration({ ...head, maxPods: 3, cgroupDriver: 'systemd', tracing: {} }).ignored).toEqual([
      'cgroupDriver',
      'tracing',
    ])
  })

  it('is told by /configz as it would be written', () => {
    const { kubeletconfig } = configz(read({ maxPods: 7, imageMaximumGCAge: '90m' }), { clusterDomain: 'a.b' }) as {
      kubeletconfig: object
    }
    expect(kubeletconfig).toMatchObject({
      ...head,
      maxPods: 7,
      clusterDomain: 'a.b',
      imageMaximumGCAge: '1h30m0s',
      crashLoopBackOff: { maxContainerRestartPeriod: '5m0s' },
      evictionHard: defaultEvictionHard,
    })
    expect(readConfiguration({ ...kubeletconfig, clusterDomain: 'a.b' }).configuration).toEqual(
      read({ maxPods: 7, imageMaximumGCAge: '90m' }),
    )
  })
})

describe('what is refused by its name', () => {
  it.each([
    [[], 'must be a map'],
    [{ ...head, apiVersion: 'v1' }, 'apiVersion, kind: must be'],
    [{ ...head, maxPodz: 3, nosuch: 1 }, 'unknown field "maxPodz", unknown field "nosuch"'],
    [{ ...head, crashLoopBackOff: { max: '1s' } }, 'unknown field "crashLoopBackOff.max"'],
    [{ ...head, crashLoopBackOff: '1s' }, 'crashLoopBackOff: must be a map'],
    [{ ...head, maxPods: '3' }, 'maxPods: must be a whole number of 32 bits'],
    [{ ...head, maxPods: 2 ** 31 }, 'maxPods: must be a whole number of 32 bits'],
    [{ ...head, serializeImagePulls: 'yes' }, 'serializeImagePulls: must be true or false'],
    [{ ...head, evictionHard: { 'memory.available': 100 } }, 'evictionHard: must be a map of strings'],
    [{ ...head, allowedUnsafeSysctls: 'net.*' }, 'allowedUnsafeSysctls: must be a list of strings'],
    [{ ...head, imageMinimumGCAge: 3 }, 'imageMinimumGCAge: must be a duration such as 1m30s'],
    [{ ...head, imageMinimumGCAge: '3 days' }, 'imageMinimumGCAge: time: unknown unit " days"'],
  ])('%j', (given, message) => {
    expect(() => readConfiguration(given)).toThrow(`KubeletConfiguration: ${message}`)
  })

  it.each([
    [{ maxPods: -1 }, 'maxPods (--max-pods) -1 must not be a negative number'],
    [{ registryPullQPS: -1 }, 'registryPullQPS (--registry-qps) -1 must not be a negative number'],
    [{ nodeLeaseDurationSeconds: -1 }, 'nodeLeaseDurationSeconds must be greater than 0'],
    [{ containerLogMaxFiles: 1 }, 'containerLogMaxFiles must be greater than 1'],
    [{ imageGCHighThresholdPercent: 101 }, '101 must be between 0 and 100, inclusive'],
    [
      { imageGCHighThresholdPercent: 50, imageGCLowThresholdPercent: 60 },
      'imageGCLowThresholdPercent (--image-gc-low-threshold) 60 must be less than imageGCHighThresholdPercent (--image-gc-high-threshold) 50',
    ],
    [{ imageMaximumGCAge: '1m' }, 'imageMaximumGCAge 1m0s must be greater than imageMinimumGCAge 2m0s'],
    [{ imageMinimumGCAge: '-1m' }, 'imageMinimumGCAge -1m0s must not be negative'],
    [{ maxParallelImagePulls: 0 }, 'maxParallelImagePulls 0 must be a positive number'],
    [{ maxParallelImagePulls: 2, serializeImagePulls: true }, 'maxParallelImagePulls cannot be larger than 1 unless'],
    [
      { crashLoopBackOff: { maxContainerRestartPeriod: '6m' } },
      'CrashLoopBackOff.MaxContainerRestartPeriod (got: 360 seconds) must be set between 1s and 300s',
    ],
    [
      { imagePullCredentialsVerificationPolicy: 'Maybe' },
      'Valid options are "NeverVerify", "NeverVerifyPreloadedImages", "NeverVerifyAllowlistedImages" or "AlwaysVerify"',
    ],
    [{ evictionHard: { 'cpu.available': '1' } }, 'unsupported eviction signal cpu.available'],
    [{ evictionHard: { 'memory.available': '-1Mi' } }, 'eviction threshold memory.available must be positive: -1Mi'],
    [{ evictionHard: { 'memory.available': '101%' } }, 'percentage threshold memory.available must be <= 100%: 101%'],
    [{ evictionHard: { 'memory.available': 'x%' } }, 'strconv.ParseFloat: parsing "x": invalid syntax'],
    [{ evictionHard: { 'memory.available': 'much' } }, 'quantities must match the regular expression'],
    [{ evictionSoft: { 'memory.available': '1Gi' } }, 'grace period must be specified for the soft eviction threshold'],
    [{ evictionSoftGracePeriod: { 'memory.available': '-1s' } }, 'invalid eviction grace period specified: -1s'],
    [{ evictionMinimumReclaim: { 'memory.available': '0%' } }, 'minimum reclaim memory.available must be positive: 0%'],
    [{ kubeReserved: { gpu: '1' } }, '--kube-reserved value failed to parse: cannot reserve "gpu" resource'],
    [{ systemReserved: { cpu: '-1' } }, 'resource quantity for "cpu" cannot be negative: -1'],
    [{ allowedUnsafeSysctls: ['kernel.panic'] }, 'the sysctls "kernel.panic" are not known to be namespaced'],
    [{ allowedUnsafeSysctls: ['net.*.x'] }, 'sysctl "net.*.x" must have at most 253 characters'],
    [{ containerLogMaxSize: 'big' }, 'quantities must match'],
  ])('%j', (fields, message) => {
    expect(() => read(fields)).toThrow(message)
  })

  it('names all that is wrong at once', () => {
    expect(() => read({ maxPods: -1, containerLogMaxFiles: 0 })).toThrow(/maxPods.*; .*containerLogMaxFiles/)
  })
})
