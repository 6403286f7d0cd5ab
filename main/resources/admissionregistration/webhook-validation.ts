import type { MutatingWebhook, ValidatingWebhook } from '../../../shared/api/admissionregistration.ts'
import type { StatusCause } from '../../../shared/api/object.ts'
import { child, duplicate, index, invalid, notSupported, required } from '../../../shared/machinery/field-errors.ts'
import { jsonEqual } from '../../../shared/machinery/json-value.ts'
import { isDns1035Label, isDns1123Subdomain } from '../../../shared/machinery/names.ts'
import { invalidFor, optionalOneOf, repeats } from '../faults.ts'
import { validateLabelSelector } from '../labels.ts'
import { validateWebhookService, validateWebhookUrl } from '../webhook-validation.ts'
import { expressionFaults } from './expressions.ts'
import { validateMatchConditions } from './match-conditions-validation.ts'
import { validateRule } from './rule-validation.ts'

type Webhook = ValidatingWebhook | MutatingWebhook

/** The versions of AdmissionReview that the server speaks. */
const reviewVersions = ['v1', 'v1beta1']
const sideEffects = ['None', 'NoneOnDryRun']
const allSideEffects = ['None', 'NoneOnDryRun', 'Some', 'Unknown']

/** What an update may keep of what older servers let in. */
interface Strictness {
  conditions: boolean
  noSideEffects: boolean
  knownReviews: boolean
  uniqueNames: boolean
}

const strict: Strictness = { conditions: true, noSideEffects: true, knownReviews: true, uniqueNames: true }

/** The webhooks of a configuration (pkg/apis/admissionregistration/validation); `old` are those of the one it replaces. */
export function validateWebhooks(webhooks: readonly Webhook[] = [], old?: readonly Webhook[]): StatusCause[] {
  const strictness = old ? strictnessAfter(webhooks, old) : strict
  const repeated = repeats(webhooks, ({ name }) => name)
  return webhooks.flatMap((webhook, i) => {
    const path = index('webhooks', i)
    return [
      ...validateWebhook(webhook, path, strictness),
      ...validateReviewVersions(webhook.admissionReviewVersions, child(path, 'admissionReviewVersions'), strictness),
      ...(strictness.uniqueNames && repeated[i] === true && webhook.name !== ''
        ? [duplicate(child(path, 'name'), webhook.name)]
        : []),
    ]
  })
}

function strictnessAfter(webhooks: readonly Webhook[], old: readonly Webhook[]): Strictness {
  const conditionsOf = (hooks: readonly Webhook[]) => hooks.map(({ matchConditions = [] }) => matchConditions)
  return {
    conditions: !jsonEqual(conditionsOf(webhooks), conditionsOf(old)),
    noSideEffects: old.every(hook => sideEffects.includes(hook.sideEffects)),
    knownReviews: old.every(hook => hook.admissionReviewVersions.some(version => reviewVersions.includes(version))),
    uniqueNames: new Set(old.map(({ name }) => name)).size === old.length,
  }
}

function validateWebhook(webhook: Webhook, path: string, { noSideEffects, conditions }: Strictness): StatusCause[] {
  const { name, rules = [], failurePolicy, matchPolicy, timeoutSeconds, clientConfig, matchConditions = [] } = webhook
  const effects = noSideEffects ? sideEffects : allSideEffects
  return [
    ...validateName(name, child(path, 'name')),
    ...rules.flatMap((rule, i) => validateRule(rule, index(child(path, 'rules'), i))),
    ...optionalOneOf(child(path, 'failurePolicy'), failurePolicy, ['Fail', 'Ignore']),
    ...optionalOneOf(child(path, 'matchPolicy'), matchPolicy, ['Equivalent', 'Exact']),
    ...validateSideEffects(webhook.sideEffects, child(path, 'sideEffects'), effects),
    ...(timeoutSeconds !== undefined && (timeoutSeconds > 30 || timeoutSeconds < 1)
      ? [invalid(child(path, 'timeoutSeconds'), timeoutSeconds, 'the timeout value must be between 1 and 30 seconds')]
      : []),
    ...validateLabelSelector(webhook.namespaceSelector, child(path, 'namespaceSelector')),
    ...validateLabelSelector(webhook.objectSelector, child(path, 'objectSelector')),
    ...('reinvocationPolicy' in webhook
      ? optionalOneOf(child(path, 'reinvocationPolicy'), webhook.reinvocationPolicy, ['IfNeeded', 'Never'])
      : []),
    ...validateClientConfig(clientConfig, child(path, 'clientConfig')),
    ...(conditions ? validateMatchConditions(matchConditions, child(path, 'matchConditions'), conditionFaults) : []),
  ]
}

/** Fully qualified: three segments at least. */
function validateName(name: string, path: string): StatusCause[] {
  if (name === '') return [required(path)]
  const wrong = isDns1123Subdomain(name)
  if (wrong.length > 0) return [invalid(path, name, wrong.join(','))]
  if (name.split('.').length >= 3) return []
  return [invalid(path, name, 'should be a domain with at least three segments separated by dots')]
}

function validateSideEffects(given: string | undefined, path: string, allowed: readonly string[]): StatusCause[] {
  if (!given) return [required(path, `must specify one of ${allowed.join(', ')}`)]
  return allowed.includes(given) ? [] : [notSupported(path, given, allowed)]
}

function validateClientConfig({ url, service }: Webhook['clientConfig'], path: string): StatusCause[] {
  if (url !== undefined && service === undefined) return validateWebhookUrl(url, child(path, 'url'))
  if (url === undefined && service !== undefined) return validateWebhookService(service, child(path, 'service'))
  return [required(path, 'exactly one of url or service is required')]
}

function validateReviewVersions(
  versions: readonly string[] = [],
  path: string,
  { knownReviews }: Strictness,
): StatusCause[] {
  if (versions.length === 0) return [required(path, `must specify one of ${reviewVersions.join(', ')}`)]
  const repeated = repeats(versions, version => version)
  const known = versions.some(version => reviewVersions.includes(version))
  return [
    ...versions.flatMap((version, i) =>
      repeated[i] === true
        ? [invalid(index(path, i), version, 'duplicate version')]
        : invalidFor(index(path, i), version, isDns1035Label(version)),
    ),
    ...(knownReviews && !known
      ? [invalid(path, versions, `must include at least one of ${reviewVersions.join(', ')}`)]
      : []),
  ]
}

/** What is wrong with a match condition of a webhook, which has no parameters. */
function conditionFaults(expression: string, path: string): StatusCause[] {
  return expressionFaults(expression, path, { scope: { params: false, authorizer: true }, types: ['bool'] })
}
