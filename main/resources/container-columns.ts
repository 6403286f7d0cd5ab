import type { PodTemplateSpec } from '../../shared/api/core.ts'
import type { KubeObject } from '../../shared/api/object.ts'
import type { Column } from './resource.ts'

type TemplateOf<T> = (object: T) => PodTemplateSpec | undefined

/** Names and images of a template's containers, comma separated; wide unless `priority` is 0. */
export function containerColumnsOf<T extends KubeObject>(templateOf: TemplateOf<T>, priority: 0 | 1 = 1): Column<T>[] {
  const containersOf = (object: T) => templateOf(object)?.spec?.containers ?? []
  const column = (name: string, text: (container: { name: string; image?: string }) => string): Column<T> => ({
    name,
    type: 'string',
    priority,
    cell: object => containersOf(object).map(text).join(','),
  })
  return [column('Containers', ({ name }) => name), column('Images', ({ image = '' }) => image)]
}

type Templated = KubeObject & { spec: { template?: PodTemplateSpec } }

/** The wide columns of a workload whose template is `spec.template`. */
export const containerColumns: Column<Templated>[] = containerColumnsOf(({ spec }) => spec.template)
