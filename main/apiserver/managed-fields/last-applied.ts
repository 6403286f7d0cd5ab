import type { KubeObject } from '../../../shared/api/object.ts'
import { isObject, type JsonObject } from '../../../shared/machinery/json-value.ts'
import { compareFields } from '../../../shared/machinery/managed-fields/compare-fields.ts'
import { fieldFaults } from '../../../shared/machinery/managed-fields/check-fields.ts'
import { difference, printFields } from '../../../shared/machinery/managed-fields/field-set.ts'
import { appliedFields } from '../../../shared/machinery/managed-fields/fields-of.ts'
import type { FieldsType } from '../../../shared/machinery/managed-fields/update-owners.ts'
import { parseJson } from '../../../shared/machinery/exact-json.ts'

/** What `kubectl apply` keeps on an object to know what it applied. */
const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration'

/** Keys and values of all annotations together, in bytes (apimachinery/pkg/api/validation, TotalAnnotationSizeLimitB). */
const annotationLimit = 256 * 1024

/**
 * The fields, as paths, that kubectl applied on the client's side and that still are as it applied them: it may take them
 * over without force (managedfields/internal/lastappliedmanager.go).
 */
export function allowedByLastApplied({ schema, apiVersion }: FieldsType, live: KubeObject): ReadonlySet<string> {
  const config = parse(live.metadata.annotations?.[lastApplied] ?? '')
  const fits =
    config?.apiVersion === apiVersion && fieldFaults(schema, config) === '' && fieldFaults(schema, live) === ''
  if (!fits) return new Set()
  const { changed, removed } = compareFields(schema, config, live)
  return new Set(printFields(difference(difference(appliedFields(schema, config), changed), removed)))
}

function parse(text: string): JsonObject | undefined {
  try {
    const value: unknown = parseJson(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** Makes the annotation of client-side apply, where there is one, say what kubectl has applied now (lastappliedupdater.go). */
export function updateLastApplied({ metadata }: KubeObject, applied: JsonObject): void {
  const { annotations } = metadata
  if (!annotations?.[lastApplied]) return
  const next = { ...annotations, [lastApplied]: `${JSON.stringify(inOrder(withoutAnnotation(applied)))}\n` }
  const size = Object.entries(next).reduce(
    (sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value),
    0,
  )
  if (size > annotationLimit) Reflect.deleteProperty(next, lastApplied)
  metadata.annotations = next
}

function withoutAnnotation(applied: JsonObject): JsonObject {
  const { metadata } = applied
  if (!isObject(metadata) || !isObject(metadata.annotations)) return applied
  const { [lastApplied]: _, ...annotations } = metadata.annotations
  const { annotations: _all, ...rest } = metadata
  return { ...applied, metadata: Object.keys(annotations).length > 0 ? { ...rest, annotations } : rest }
}

/** Keys in order, as Go writes them. */
function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder)
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map(key => [key, inOrder(value[key])]),
  )
}
