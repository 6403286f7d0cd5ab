import type { KubeObject } from '../../../shared/api/object.ts'
import { isObject, jsonEqual, type JsonObject } from '../../../shared/machinery/json-value.ts'
import { formatRequirements, requirementsOf } from '../../../shared/machinery/selectors.ts'
import { ageColumn, nameColumn } from '../../resources/name-column.ts'
import type { Column, ScalePaths } from '../../resources/resource.ts'

/** autoscaling/v1 Scale. */
export interface Scale {
  kind: 'Scale'
  apiVersion: 'autoscaling/v1'
  metadata: Partial<KubeObject['metadata']>
  spec: { replicas?: number }
  status: { replicas: number; selector?: string }
}

/** What `kubectl get --subresource=scale` shows (printers/internalversion/printers.go, printScale). */
export const scaleColumns: readonly Column<KubeObject>[] = [
  nameColumn,
  { name: 'Desired', type: 'integer', cell: scale => (scale as unknown as Scale).spec.replicas ?? 0 },
  { name: 'Available', type: 'integer', cell: scale => (scale as unknown as Scale).status.replicas },
  ageColumn,
]

/** The object as a Scale. */
export function scaleOf(object: KubeObject, paths: ScalePaths): Scale {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata
  const selector = readPath(object, paths.selector)
  const labels = typeof selector === 'string' ? selector : printed(selector, paths)
  const replicas = readPath(object, paths.specReplicas)
  const current = readPath(object, paths.statusReplicas)
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: {
      name,
      ...(namespace !== undefined && { namespace }),
      uid,
      ...(resourceVersion !== undefined && { resourceVersion }),
      ...(creationTimestamp !== undefined && { creationTimestamp }),
    },
    spec: typeof replicas === 'number' ? { replicas } : {},
    status: { replicas: typeof current === 'number' ? current : 0, ...(labels !== '' && { selector: labels }) },
  }
}

function printed(selector: unknown, { plainSelector }: ScalePaths): string {
  if (!isObject(selector) || jsonEqual(selector, {})) return ''
  return formatRequirements(requirementsOf(plainSelector ? { matchLabels: selector } : selector))
}

function readPath(value: unknown, path: readonly string[]): unknown {
  return path.reduce((at, name) => (isObject(at) ? at[name] : undefined), value)
}

/** Sets a field, making the objects on the way to it. */
export function writePath(object: JsonObject, path: readonly string[], value: unknown): void {
  const last = path.at(-1) ?? ''
  let at = object
  for (const name of path.slice(0, -1)) {
    const next = isObject(at[name]) ? at[name] : {}
    at[name] = next
    at = next
  }
  at[last] = value
}
