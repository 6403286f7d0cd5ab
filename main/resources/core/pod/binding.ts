import type { Binding } from '../../../../shared/api/core.ts'
import type { StatusCause } from '../../../../shared/api/object.ts'
import type { ResourceRef } from '../../../../shared/api/ref.ts'
import { notSupported, required } from '../../../../shared/machinery/field-errors.ts'
import { defineResource } from '../../resource.ts'
import { schemaOf } from '../../schemas.ts'

const bindings: ResourceRef<Binding> = {
  group: '',
  version: 'v1',
  resource: 'bindings',
  kind: 'Binding',
  namespaced: true,
}

/** Never stored: creating one, or `pods/binding`, gives a pod its node. */
export const binding = defineResource(bindings, {
  verbs: ['create'],
  schema: () => schemaOf('io.k8s.api.core.v1.Binding'),
  validate: validateBinding,
})

/** What is wrong with a binding (ValidatePodBinding). */
function validateBinding({ target }: Pick<Binding, 'target'>): StatusCause[] {
  // Absent in what a client sent, whatever the type says.
  const { kind = '', name = '' } = (target as Binding['target'] | undefined) ?? {}
  return [
    ...(kind === '' || kind === 'Node' ? [] : [notSupported('target.kind', kind, ['Node', '<empty>'])]),
    ...(name === '' ? [required('target.name')] : []),
  ]
}
