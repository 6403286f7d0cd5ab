import type { Pod } from '../../../shared/api/core.ts'
import { runtimeClasses, type RuntimeClass } from '../../../shared/api/node.ts'
import { jsonEqual } from '../../../shared/machinery/json-value.ts'
import { compareQuantities } from '../../../shared/machinery/quantity.ts'
import { forbidden, type StatusError } from '../../../shared/machinery/status.ts'
import type { Store } from '../../store/store.ts'
import { subjectOf } from '../registry/core.ts'
import { find } from '../registry/find.ts'
import { concerns, type AdmissionPlugin, type AdmissionRequest } from './admission.ts'

type Spec = Pod['spec']
type Toleration = NonNullable<Spec['tolerations']>[number]

const mismatch = "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead"

/** Gives pods the overhead and the places of their RuntimeClass (plugin/pkg/admission/runtimeclass). */
export function runtimeClassAdmission(store: Store): AdmissionPlugin {
  return {
    name: 'RuntimeClass',
    mutate(request) {
      const spec = specOf(request)
      if (spec?.runtimeClassName === undefined) return undefined
      const refuse = refusal(request)
      const chosen = classOf(store, spec)
      if (!chosen) return refuse(`pod rejected: RuntimeClass "${spec.runtimeClassName}" not found`)
      const { overhead, scheduling } = chosen
      if (overhead) {
        const given = Object.keys(spec.overhead ?? {}).length > 0
        if (given && !sameAmounts(spec.overhead, overhead.podFixed)) return refuse(mismatch)
        if (overhead.podFixed) spec.overhead = { ...overhead.podFixed }
      }
      return scheduling && setScheduling(spec, scheduling, refuse)
    },
    validate(request) {
      const spec = specOf(request)
      if (!spec) return undefined
      const overhead = spec.runtimeClassName === undefined ? undefined : classOf(store, spec)?.overhead
      if (overhead) return sameAmounts(spec.overhead, overhead.podFixed) ? undefined : refusal(request)(mismatch)
      return spec.overhead === undefined
        ? undefined
        : refusal(request)('pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead')
    },
  }
}

function specOf(request: AdmissionRequest): Spec | undefined {
  const isNew = request.operation === 'CREATE' && concerns(request, '', 'pods')
  return isNew && request.object ? (request.object as Pod).spec : undefined
}

const refusal = (request: AdmissionRequest) => (why: string) =>
  forbidden(subjectOf(request.resource, request.name), why)

const classOf = (store: Store, { runtimeClassName = '' }: Spec) =>
  find(store, runtimeClasses, { namespace: '', name: runtimeClassName })

function sameAmounts(a: Record<string, string> = {}, b: Record<string, string> = {}): boolean {
  const names = Object.keys(a)
  return (
    names.length === Object.keys(b).length &&
    names.every(name => Object.hasOwn(b, name) && compareQuantities(a[name] ?? '0', b[name] ?? '0') === 0)
  )
}

function setScheduling(
  spec: Spec,
  { nodeSelector = {}, tolerations = [] }: NonNullable<RuntimeClass['scheduling']>,
  refuse: (why: string) => StatusError,
): StatusError | undefined {
  const given = spec.nodeSelector ?? {}
  for (const [key, value] of Object.entries(nodeSelector)) {
    const other = given[key]
    if (other !== undefined && other !== value) {
      return refuse(
        `conflict: runtimeClass.scheduling.nodeSelector[${key}] = ${value}; pod.spec.nodeSelector[${key}] = ${other}`,
      )
    }
  }
  const selector = { ...given, ...nodeSelector }
  if (Object.keys(selector).length > 0) spec.nodeSelector = selector
  const merged = mergeTolerations([...(spec.tolerations ?? []), ...structuredClone(tolerations)])
  if (merged.length > 0) spec.tolerations = merged
  return undefined
}

/** Leaves out what another one covers (pkg/util/tolerations MergeTolerations). */
function mergeTolerations(all: readonly Toleration[]): Toleration[] {
  const merged: Toleration[] = []
  all.forEach((toleration, i) => {
    const covered =
      merged.some(other => covers(other, toleration)) ||
      all.slice(i + 1).some(other => !jsonEqual(other, toleration) && covers(other, toleration))
    if (!covered) merged.push(toleration)
  })
  return merged
}

function covers(wide: Toleration, narrow: Toleration): boolean {
  if (jsonEqual(wide, narrow)) return true
  const anyKey = !wide.key && wide.operator === 'Exists'
  if ((wide.key ?? '') !== (narrow.key ?? '') && !anyKey) return false
  if (wide.effect && wide.effect !== narrow.effect) return false
  const { tolerationSeconds: limit } = wide
  if (wide.effect === 'NoExecute' && limit !== undefined && (narrow.tolerationSeconds ?? Infinity) > limit) return false
  if (wide.operator === 'Exists') return true
  return narrow.operator === 'Equal' && (narrow.value ?? '') === (wide.value ?? '')
}
