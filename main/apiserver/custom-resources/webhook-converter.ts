import { randomUUID } from 'node:crypto'
import type { CustomResourceDefinition } from '../../../shared/api/apiextensions.ts'
import type { KubeObject, StatusCause } from '../../../shared/api/object.ts'
import { causeText } from '../../../shared/machinery/field-errors.ts'
import { isList, isObject, jsonEqual, type JsonObject } from '../../../shared/machinery/json-value.ts'
import { internalError } from '../../../shared/machinery/status.ts'
import type { Convert } from '../../resources/custom/stored-form.ts'
import { validateLabels } from '../../resources/labels.ts'
import { validateAnnotations } from '../../resources/object-meta.ts'
import type { WebhookClient } from '../egress/webhook-client.ts'

/** Seconds that a webhook has for its answer. */
const timeout = 30

/**
 * Conversion strategy Webhook: ConversionReview v1 or v1beta1, whichever the definition names first
 * (apiserver/conversion/webhook_converter.go). Every failure is a 500.
 */
export function webhookConverter(
  { spec }: CustomResourceDefinition,
  webhooks: Pick<WebhookClient, 'post'>,
): Convert | undefined {
  const { clientConfig: config, conversionReviewVersions } = spec.conversion?.webhook ?? {}
  const version = conversionReviewVersions?.find(one => one === 'v1' || one === 'v1beta1')
  if (!config || version === undefined) return undefined
  return async (objects, apiVersion) => {
    const fail = (why: string) => internalError(`conversion webhook for ${kindOf(objects[0])} ${why}`)
    const uid = randomUUID()
    const reviewVersion = `apiextensions.k8s.io/${version}`
    const request = { uid, desiredAPIVersion: apiVersion, objects }
    let answer: unknown
    try {
      answer = await webhooks.post(config, { kind: 'ConversionReview', apiVersion: reviewVersion, request }, timeout)
    } catch (error) {
      throw fail(`failed: ${error instanceof Error ? error.message : String(error)}`)
    }
    const converted = readAnswer(answer, { uid, reviewVersion, strict: version === 'v1' })
    if (typeof converted === 'string') throw fail(`failed: ${converted}`)
    if (converted.length !== objects.length) {
      throw fail(`returned ${converted.length} objects, expected ${objects.length}`)
    }
    return objects.map((original, i) => {
      const made = adopt(original, converted[i], apiVersion)
      if (typeof made === 'string') throw fail(`returned invalid converted object at index ${i}: ${made}`)
      return made
    })
  }
}

function kindOf(object: KubeObject | undefined): string {
  return `${object?.apiVersion ?? ''}, Kind=${object?.kind ?? ''}`
}

interface Expected {
  uid: string
  reviewVersion: string
  /** v1beta1's answers name neither their type nor the request. */
  strict: boolean
}

/** The objects of an answer, or why there are none. */
function readAnswer(answer: unknown, { uid, reviewVersion, strict }: Expected): unknown[] | string {
  if (!isObject(answer)) return 'no response provided'
  const { response } = answer
  if (strict && (answer.kind !== 'ConversionReview' || answer.apiVersion !== reviewVersion)) {
    const got = `${textOf(answer.apiVersion)}, Kind=${textOf(answer.kind)}`
    return `expected webhook response of ${reviewVersion}, Kind=ConversionReview, got ${got}`
  }
  if (!isObject(response)) return 'no response provided'
  if (strict && response.uid !== uid) {
    return `expected response.uid=${JSON.stringify(uid)}, got ${JSON.stringify(textOf(response.uid))}`
  }
  const result = isObject(response.result) ? response.result : {}
  if (result.status !== 'Success') {
    return textOf(result.message) || `response.result.status was '${textOf(result.status)}', not 'Success'`
  }
  return isList(response.convertedObjects) ? response.convertedObjects : []
}

const textOf = (value: unknown) => (typeof value === 'string' ? value : '')

/** A converted object with the original's metadata, labels and annotations apart; or what is wrong with it. */
function adopt(original: KubeObject, converted: unknown, apiVersion: string): KubeObject | string {
  if (!isObject(converted)) return 'invalid type'
  if (converted.apiVersion !== apiVersion) {
    return `invalid groupVersion (expected ${apiVersion}, received ${textOf(converted.apiVersion)})`
  }
  if (converted.kind !== original.kind) {
    return `invalid kind (expected ${original.kind ?? ''}, received ${textOf(converted.kind)})`
  }
  const { metadata } = converted
  if (!isObject(metadata)) return 'missing metadata in converted object'
  for (const [field, name] of identity) {
    const [had, has] = [original.metadata[field] ?? '', textOf(metadata[field])]
    if (had !== has) return `must have the same ${name}: ${had} != ${has}`
  }
  const { labels: oldLabels, annotations: oldAnnotations, ...kept } = original.metadata
  const labels = textMap(metadata, 'labels', oldLabels)
  if (typeof labels === 'string') return labels
  const annotations = textMap(metadata, 'annotations', oldAnnotations)
  if (typeof annotations === 'string') return annotations
  const own = { ...kept, ...(labels && { labels }), ...(annotations && { annotations }) }
  return { ...converted, metadata: structuredClone(own) }
}

const identity = [
  ['name', 'name'],
  ['namespace', 'namespace'],
  ['uid', 'UID'],
] as const

function textMap(
  metadata: JsonObject,
  field: 'labels' | 'annotations',
  old: Record<string, string> | undefined,
): Record<string, string> | string | undefined {
  const given = metadata[field]
  if (given === undefined || given === null) return undefined
  if (!isObject(given)) return `invalid metadata.${field} in converted object`
  const wrong = Object.keys(given).find(key => typeof given[key] !== 'string')
  if (wrong !== undefined) return `metadata.${field}[${wrong}] must be a string in converted object`
  const map = given as Record<string, string>
  if (jsonEqual(map, old)) return map
  const path = `metadata.${field}`
  const faults: StatusCause[] = field === 'labels' ? validateLabels(map, path) : validateAnnotations(map, path)
  return faults.length > 0 ? faults.map(causeText).join(', ') : map
}
