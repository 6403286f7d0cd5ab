import { ingressClasses, type IngressClass } from '../../../shared/api/networking.ts'
import type { StatusCause } from '../../../shared/api/object.ts'
import { child, forbidden, invalid, required, tooLong } from '../../../shared/machinery/field-errors.ts'
import { byteLength, isDns1123Label } from '../../../shared/machinery/names.ts'
import { validateDomainPrefixedPath } from '../domain-prefixed-path.ts'
import { immutable, invalidFor, knownOnly } from '../faults.ts'
import { bumpGeneration, startGeneration } from '../generation.ts'
import { ageColumn, nameColumn } from '../name-column.ts'
import { defineResource } from '../resource.ts'
import { schemaOf } from '../schemas.ts'
import { ensureStructs } from '../structs.ts'
import { validateReference } from './ingress-backend-validation.ts'

type Parameters = NonNullable<IngressClass['spec']['parameters']>

const controllerLimit = 250

/** Whether Ingresses without a class get this one (pkg/apis/networking/util HasDefaultAnnotation). */
export function isDefaultIngressClass({ metadata }: IngressClass): boolean {
  return metadata.annotations?.['ingressclass.kubernetes.io/is-default-class'] === 'true'
}

export const ingressClass = defineResource(ingressClasses, {
  schema: () => schemaOf('io.k8s.api.networking.v1.IngressClass'),
  setDefaults: object => {
    ensureStructs(object, 'spec')
    if (object.spec.parameters) object.spec.parameters.scope ??= 'Cluster'
  },
  prepareForCreate: startGeneration,
  prepareForUpdate: bumpGeneration,
  validate,
  validateUpdate: (object, old) => [
    ...validate(object),
    ...(object.spec.controller === old.spec.controller
      ? []
      : [invalid('spec.controller', object.spec.controller ?? '', immutable)]),
  ],
  columns: [
    { ...nameColumn, cell: object => `${object.metadata.name}${isDefaultIngressClass(object) ? ' (default)' : ''}` },
    { name: 'Controller', type: 'string', cell: ({ spec }) => spec.controller ?? '' },
    { name: 'Parameters', type: 'string', cell: printParameters },
    ageColumn,
  ],
})

function printParameters({ spec: { parameters } }: IngressClass): string {
  if (!parameters) return '<none>'
  const { kind, apiGroup, name } = parameters
  return `${kind}${apiGroup === undefined ? '' : `.${apiGroup}`}/${name}`
}

function validate({ spec: { controller = '', parameters } }: IngressClass): StatusCause[] {
  const path = 'spec.controller'
  return [
    ...(byteLength(controller) > controllerLimit ? [tooLong(path, controllerLimit)] : []),
    ...validateDomainPrefixedPath(path, controller),
    ...(parameters ? validateParameters(parameters, 'spec.parameters') : []),
  ]
}

function validateParameters(parameters: Parameters, path: string): StatusCause[] {
  const { scope = '', namespace } = parameters
  const at = child(path, 'namespace')
  const inNamespace = scope === 'Namespace'
  return [
    ...validateReference(parameters, path),
    ...knownOnly(child(path, 'scope'), scope, ['Cluster', 'Namespace']),
    ...(inNamespace && namespace === undefined ? [required(at, "`parameters.scope` is set to 'Namespace'")] : []),
    ...(inNamespace && namespace !== undefined ? invalidFor(at, namespace, isDns1123Label(namespace)) : []),
    ...(scope === 'Cluster' && namespace !== undefined
      ? [forbidden(at, "`parameters.scope` is set to 'Cluster'")]
      : []),
  ]
}
