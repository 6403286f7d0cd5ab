import type { KubeObject } from '../../shared/api/object.ts'
import { formatLabelSelector, type LabelSelector } from '../../shared/machinery/selectors.ts'
import type { Column } from './resource.ts'

/** A map of labels as `a=1,b=2`, `<none>` without any (apimachinery/pkg/labels FormatLabels). */
export function formatLabels(labels: Record<string, string> | undefined): string {
  const pairs = Object.entries(labels ?? {}).map(([key, value]) => `${key}=${value}`)
  return pairs.sort().join(',') || '<none>'
}

/** The wide column of a workload's `spec.selector`. */
export const selectorColumn: Column<KubeObject & { spec: { selector?: LabelSelector } }> = {
  name: 'Selector',
  type: 'string',
  priority: 1,
  cell: ({ spec }) => formatLabelSelector(spec.selector),
}
