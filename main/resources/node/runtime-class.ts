import { runtimeClasses, type RuntimeClass } from '../../../shared/api/node.ts'
import type { StatusCause } from '../../../shared/api/object.ts'
import { duplicate, index, invalid, required } from '../../../shared/machinery/field-errors.ts'
import { isDns1123Label } from '../../../shared/machinery/names.ts'
import { validateContainerResources } from '../core/container/resource-validation.ts'
import { validateTolerations } from '../core/pod/scheduling-validation.ts'
import { immutable, invalidFor, repeats } from '../faults.ts'
import { validateLabels } from '../labels.ts'
import { ageColumn, nameColumn } from '../name-column.ts'
import { defineResource } from '../resource.ts'
import { schemaOf } from '../schemas.ts'
import { nodeLabelWarnings } from '../warnings/node-labels.ts'

export const runtimeClass = defineResource(runtimeClasses, {
  schema: () => schemaOf('io.k8s.api.node.v1.RuntimeClass'),
  createOnUpdate: true,
  unconditionalUpdate: false,
  warnings: ({ scheduling }) =>
    Object.keys(scheduling?.nodeSelector ?? {}).flatMap(label => nodeLabelWarnings(label, 'scheduling.nodeSelector')),
  validate,
  validateUpdate: (object, old) => [
    ...validate(object),
    ...(object.handler === old.handler ? [] : [invalid('handler', object.handler, immutable)]),
  ],
  columns: [nameColumn, { name: 'Handler', type: 'string', cell: object => object.handler }, ageColumn],
})

function validate({ handler, overhead, scheduling }: RuntimeClass): StatusCause[] {
  const { nodeSelector, tolerations = [] } = scheduling ?? {}
  const path = 'scheduling.tolerations'
  const limits = overhead?.podFixed ?? {}
  const repeated = repeats(tolerations, ({ key = '', operator = '', value = '', effect = '' }) =>
    JSON.stringify([key, operator, value, effect]),
  )
  return [
    ...(handler ? invalidFor('handler', handler, isDns1123Label(handler)) : [required('handler')]),
    ...validateContainerResources({ limits }, { path: 'overhead', claimNames: [] }),
    ...validateLabels(nodeSelector, 'scheduling.nodeSelector'),
    ...validateTolerations(tolerations, path),
    ...tolerations.flatMap((toleration, i) => (repeated[i] ? [duplicate(index(path, i), asGoPrints(toleration))] : [])),
  ]
}

type Toleration = NonNullable<NonNullable<RuntimeClass['scheduling']>['tolerations']>[number]

/** Upstream prints its internal type, whose fields have no JSON names. */
const asGoPrints = ({ key = '', operator = '', value = '', effect = '', tolerationSeconds }: Toleration) => ({
  Key: key,
  Operator: operator,
  Value: value,
  Effect: effect,
  TolerationSeconds: tolerationSeconds ?? null,
})
