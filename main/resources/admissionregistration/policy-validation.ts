import type { MatchCondition, ValidatingAdmissionPolicy } from '../../../shared/api/admissionregistration.ts'
import type { StatusCause } from '../../../shared/api/object.ts'
import type { Type } from '../../../shared/machinery/cel/type.ts'
import { child, index, invalid, required } from '../../../shared/machinery/field-errors.ts'
import { oneOf } from '../faults.ts'
import { compileIn, expressionFaults } from './expressions.ts'
import { validateMatchConditions } from './match-conditions-validation.ts'
import { validateParamKind, type ParamKind } from './param-validation.ts'

type Variable = NonNullable<ValidatingAdmissionPolicy['spec']['variables']>[number]

/** What both kinds of policies have. */
interface PolicySpec {
  failurePolicy?: string
  paramKind?: ParamKind
  matchConditions?: MatchCondition[]
}

/** What validating and mutating policies have in common, but for what they match and do. */
export function validatePolicySpec(spec: PolicySpec, path: string): StatusCause[] {
  const { failurePolicy, paramKind } = spec
  return [
    ...oneOf(child(path, 'failurePolicy'), failurePolicy, ['Fail', 'Ignore']),
    ...(paramKind ? validateParamKind(paramKind, child(path, 'paramKind')) : []),
  ]
}

export function validatePolicyConditions({ matchConditions = [], paramKind }: PolicySpec, path: string): StatusCause[] {
  const scope = { params: paramKind !== undefined, authorizer: true }
  return validateMatchConditions(matchConditions, child(path, 'matchConditions'), (expression, at) =>
    expressionFaults(expression, at, { scope, types: ['bool'] }),
  )
}

const identifier = /^[_a-zA-Z][_a-zA-Z0-9]*$/
const reserved = new Set(
  'true false null in as break const continue else for function if import let loop package namespace return var void while'.split(
    ' ',
  ),
)

/** The variables of a policy, each of which may speak of those before it, and the types that others see them with. */
export function validateVariables(
  variables: readonly Variable[],
  { path, params }: { path: string; params: boolean },
): { faults: StatusCause[]; types: Readonly<Record<string, Type>> } {
  const faults: StatusCause[] = []
  const types: Record<string, Type> = {}
  variables.forEach(({ name, expression }, i) => {
    const at = index(path, i)
    if (name.trim() === '') faults.push(required(child(at, 'name'), 'name is not specified'))
    else if (!identifier.test(name) || reserved.has(name)) {
      faults.push(invalid(child(at, 'name'), name, 'must be a valid CEL identifier'))
    }
    if (expression.trim() === '') {
      faults.push(required(child(at, 'expression'), 'expression is not specified'))
      return
    }
    const compiled = compileIn(expression, { scope: { params, authorizer: true, variables: types } })
    if (compiled.fault !== undefined) faults.push(invalid(child(at, 'expression'), expression, compiled.fault))
    // One fault is enough: what uses the variable is not to be blamed.
    types[name] = compiled.fault === undefined ? compiled.type : { kind: 'dyn' }
  })
  return { faults, types }
}
