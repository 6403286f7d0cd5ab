import type { ValidatingAdmissionPolicy } from '../../../../shared/api/admissionregistration.ts'
import { apiVersionOf } from '../../../../shared/api/ref.ts'
import { admissionEnvironment, compileExpression } from '../../../../shared/machinery/cel/admission.ts'
import { typeOfSchema } from '../../../../shared/machinery/cel/schema-type.ts'
import { dyn, type Type } from '../../../../shared/machinery/cel/type.ts'
import { child, index as at } from '../../../../shared/machinery/field-errors.ts'
import type { Schema } from '../../../../shared/machinery/schema.ts'
import type { Resource } from '../../../resources/resource.ts'
import { schemaOf } from '../../../resources/schemas.ts'
import type { ResourceIndex } from '../../registry/resource-index.ts'

type Spec = ValidatingAdmissionPolicy['spec']

interface Warning {
  fieldRef: string
  warning: string
}

/** Kinds that a policy's expressions are checked against. */
const maxTypes = 10

/** Types that contain themselves have no end. */
const endless = new Set(['apiextensions.k8s.io'])

/**
 * What is doubtful about a policy's expressions when the types of the objects that it is about are known
 * (admission/plugin/policy/validating/typechecking.go). They do what they do all the same.
 */
export function typeWarnings(spec: Spec, index: ResourceIndex): Warning[] {
  const kinds = kindsOf(spec, index)
  const params =
    spec.paramKind &&
    index.all().find(({ ref }) => apiVersionOf(ref) === spec.paramKind?.apiVersion && ref.kind === spec.paramKind.kind)
  const types = { params: params && typeOf(params), hasParams: spec.paramKind !== undefined }
  const check = (expression: string, fieldRef: string): Warning[] => {
    const texts = kinds.flatMap(kind => faultOf(expression, spec, { kind, ...types }) ?? [])
    return texts.length > 0 ? [{ fieldRef, warning: texts.join('\n') }] : []
  }
  return (spec.validations ?? []).flatMap(({ expression, messageExpression }, i) => {
    const path = at('spec.validations', i)
    return [
      ...check(expression, child(path, 'expression')),
      ...(messageExpression ? check(messageExpression, child(path, 'messageExpression')) : []),
    ]
  })
}

/** The kinds that the rules name; those that they only include by `*` are not looked at. */
function kindsOf({ matchConstraints }: Spec, index: ResourceIndex): Resource[] {
  const found = new Set<Resource>()
  for (const { apiGroups = [], apiVersions = [], resources = [] } of matchConstraints?.resourceRules ?? []) {
    for (const resource of index.all()) {
      const { group, version, resource: plural } = resource.ref
      if (!apiGroups.includes(group) || !apiVersions.includes(version) || !resources.includes(plural)) continue
      if (found.size < maxTypes && !endless.has(group)) found.add(resource)
    }
  }
  return [...found].sort((a, b) => (gvk(a) < gvk(b) ? -1 : 1))
}

const gvk = ({ ref: { group, version, kind } }: Resource) => `${group}/${version}, Kind=${kind}`

function typeOf(resource: Resource): Type {
  const text: Schema = { type: 'string' }
  const schema = resource.schema()
  const metadata = schemaOf('io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta')
  const whole = { ...schema, properties: { ...schema.properties, apiVersion: text, kind: text, metadata } }
  return typeOfSchema(whole, { name: resource.ref.kind, root: false }) ?? dyn
}

interface Checked {
  readonly kind: Resource
  readonly params: Type | undefined
  readonly hasParams: boolean
}

function faultOf(
  expression: string,
  { variables = [] }: Spec,
  { kind, params, hasParams }: Checked,
): string | undefined {
  const object = typeOf(kind)
  const declared: Record<string, Type> = {}
  const environment = () => {
    const made = admissionEnvironment({ params: hasParams, authorizer: true, variables: declared }, object)
    return params ? { ...made, variables: { ...made.variables, params } } : made
  }
  for (const variable of variables) {
    const compiled = compileExpression(variable.expression, environment())
    declared[variable.name] = compiled.fault === undefined ? compiled.type : dyn
  }
  const { fault } = compileExpression(expression, environment())
  return fault === undefined ? undefined : `${gvk(kind)}: ${fault}\n`
}
