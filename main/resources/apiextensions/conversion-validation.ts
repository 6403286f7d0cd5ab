import type { CustomResourceConversion } from '../../../shared/api/apiextensions.ts'
import type { StatusCause } from '../../../shared/api/object.ts'
import { child, forbidden, index, invalid, required } from '../../../shared/machinery/field-errors.ts'
import { isDns1035Label } from '../../../shared/machinery/names.ts'
import { invalidFor, oneOf, repeats } from '../faults.ts'
import { validateWebhookService, validateWebhookUrl } from '../webhook-validation.ts'

const path = 'spec.conversion'
const reviewVersions = ['v1', 'v1beta1']

/** Whether a conversion says all that its strategy needs, and no more (validateCustomResourceConversion). */
export function validateConversion({ strategy, webhook }: CustomResourceConversion): StatusCause[] {
  const configPath = child(path, 'webhookClientConfig')
  const versionsPath = child(path, 'conversionReviewVersions')
  const { clientConfig: config, conversionReviewVersions: versions = [] } = webhook ?? {}
  const faults = oneOf(child(path, 'strategy'), strategy, ['None', 'Webhook'])
  if (strategy !== 'Webhook') {
    const why = 'should not be set when strategy is not set to Webhook'
    if (config) faults.push(forbidden(configPath, why))
    if (versions.length > 0) faults.push(forbidden(versionsPath, why))
    return faults
  }
  if (!config) faults.push(required(configPath, 'required when strategy is set to Webhook'))
  else if ((config.url === undefined) === (config.service === undefined)) {
    faults.push(required(configPath, 'exactly one of url or service is required'))
  } else if (config.url !== undefined) faults.push(...validateWebhookUrl(config.url, child(configPath, 'url')))
  else if (config.service) faults.push(...validateWebhookService(config.service, child(configPath, 'service')))
  return [...faults, ...validateReviewVersions(versions, versionsPath)]
}

function validateReviewVersions(versions: readonly string[], at: string): StatusCause[] {
  if (versions.length === 0) return [required(at)]
  const repeated = repeats(versions, version => version)
  const faults = versions.flatMap((version, i) =>
    repeated[i]
      ? [invalid(index(at, i), version, 'duplicate version')]
      : invalidFor(index(at, i), version, isDns1035Label(version)),
  )
  const known = versions.some(version => reviewVersions.includes(version))
  return known
    ? faults
    : [...faults, invalid(at, versions, `must include at least one of ${reviewVersions.join(', ')}`)]
}
