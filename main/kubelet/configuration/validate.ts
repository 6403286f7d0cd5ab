import { parseQuantity, quantityMilli } from '../../../shared/machinery/quantity.ts'
import { sysctlPattern } from '../admission/sysctl-patterns.ts'
import { parseThresholds } from '../eviction/parse-thresholds.ts'
import { goDuration } from '../go-duration.ts'
import type { KubeletConfiguration } from './kubelet-configuration.ts'

const verificationPolicies = [
  'NeverVerify',
  'NeverVerifyPreloadedImages',
  'NeverVerifyAllowlistedImages',
  'AlwaysVerify',
]

/**
 * What upstream's kubelet refuses to start with, in its words (pkg/kubelet/apis/config/validation/validation.go; the
 * parsers of thresholds, reservations, sysctls and log sizes that run when it starts).
 */
export function configurationFaults(config: KubeletConfiguration): string[] {
  const faults: string[] = []
  const check = (isRight: boolean, text: string) => {
    if (!isRight) faults.push(`invalid configuration: ${text}`)
  }
  const notNegative = (value: number, name: string) =>
    check(value >= 0, `${name} ${value} must not be a negative number`)
  const duration = (ms: number) => (ms < 0 ? `-${goDuration(-ms)}` : goDuration(ms))
  const { imageGCHighThresholdPercent: high, imageGCLowThresholdPercent: low } = config
  const { imageMinimumGCAge: youngest, imageMaximumGCAge: oldest } = config
  const { serializeImagePulls, maxParallelImagePulls: pulls } = config
  const restart = config.crashLoopBackOff.maxContainerRestartPeriod

  check(config.nodeLeaseDurationSeconds > 0, 'nodeLeaseDurationSeconds must be greater than 0')
  const range = 'must be between 0 and 100, inclusive'
  check(high >= 0 && high <= 100, `imageGCHighThresholdPercent (--image-gc-high-threshold) ${high} ${range}`)
  check(low >= 0 && low <= 100, `imageGCLowThresholdPercent (--image-gc-low-threshold) ${low} ${range}`)
  const [lowName, highName] = [
    `imageGCLowThresholdPercent (--image-gc-low-threshold) ${low}`,
    `imageGCHighThresholdPercent (--image-gc-high-threshold) ${high}`,
  ]
  check(low < high, `${lowName} must be less than ${highName}`)
  check(youngest >= 0, `imageMinimumGCAge ${duration(youngest)} must not be negative`)
  check(oldest >= 0, `imageMaximumGCAge ${duration(oldest)} must not be negative`)
  check(
    oldest <= 0 || oldest > youngest,
    `imageMaximumGCAge ${duration(oldest)} must be greater than imageMinimumGCAge ${duration(youngest)}`,
  )
  const images = config.nodeStatusMaxImages
  check(images >= -1, `nodeStatusMaxImages (--node-status-max-images) ${images} must be -1 or greater`)
  notNegative(config.maxPods, 'maxPods (--max-pods)')
  notNegative(config.podsPerCore, 'podsPerCore (--pods-per-core)')
  notNegative(config.registryBurst, 'registryBurst (--registry-burst)')
  notNegative(config.registryPullQPS, 'registryPullQPS (--registry-qps)')
  check(pulls === undefined || pulls >= 1, `maxParallelImagePulls ${pulls ?? 0} must be a positive number`)
  check(
    !serializeImagePulls || pulls === undefined || pulls <= 1,
    'maxParallelImagePulls cannot be larger than 1 unless SerializeImagePulls (--serialize-image-pulls) is set to false',
  )
  check(
    restart >= 1000 && restart <= 300_000,
    `CrashLoopBackOff.MaxContainerRestartPeriod (got: ${restart / 1000} seconds) must be set between 1s and 300s`,
  )
  const { imagePullCredentialsVerificationPolicy: policy, preloadedImagesVerificationAllowlist: listed } = config
  const choices = verificationPolicies
    .map(each => `"${each}"`)
    .join(', ')
    .replace(/, (?="[^"]*"$)/, ' or ')
  check(
    verificationPolicies.includes(policy),
    `option "${policy}" specified for imagePullCredentialsVerificationPolicy. Valid options are ${choices}`,
  )
  check(
    listed.length === 0 || policy === 'NeverVerifyAllowlistedImages',
    `can't set \`preloadedImagesVerificationAllowlist\` if \`imagePullCredentialsVertificationPolicy\` is not "NeverVerifyAllowlistedImages"`,
  )
  check(config.containerLogMaxFiles > 1, 'containerLogMaxFiles must be greater than 1')
  return [...faults, ...parserFaults(config)]
}

function parserFaults(config: KubeletConfiguration): string[] {
  const parsers = [
    () => parseThresholds(config),
    () => checkReservation('--kube-reserved', config.kubeReserved),
    () => checkReservation('--system-reserved', config.systemReserved),
    () => config.allowedUnsafeSysctls.map(sysctlPattern),
    () => parseQuantity(config.containerLogMaxSize),
  ]
  return parsers.flatMap(parse => {
    try {
      parse()
      return []
    } catch (error) {
      return [error instanceof Error ? error.message : String(error)]
    }
  })
}

const reservable = ['cpu', 'memory', 'ephemeral-storage', 'pid']

/** cmd/kubelet/app/server.go, parseResourceList. */
function checkReservation(flag: string, quantities: Record<string, string>) {
  const refuse = (why: string) => new Error(`${flag} value failed to parse: ${why}`)
  for (const [resource, quantity] of Object.entries(quantities)) {
    if (!reservable.includes(resource)) throw refuse(`cannot reserve "${resource}" resource`)
    let value: number
    try {
      value = quantityMilli(quantity)
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      throw refuse(`failed to parse quantity "${quantity}" for "${resource}" resource: ${why}`)
    }
    if (value < 0) throw refuse(`resource quantity for "${resource}" cannot be negative: ${quantity}`)
  }
}
