import type {
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
} from '../../../../shared/api/admissionregistration.ts'
import type { AdmissionScope } from '../../../../shared/machinery/cel/admission.ts'
import { totalLimit } from '../../../../shared/machinery/cel/budget.ts'
import type { Type } from '../../../../shared/machinery/cel/type.ts'
import { compileIn } from '../../../resources/admissionregistration/expressions.ts'
import { createEvaluation, OutOfBudget, type Compiled, type Evaluation, type Outcome } from './evaluation.ts'
import type { Invocation } from './invocation.ts'
import { conditionsMet } from './match-conditions.ts'
import { variablesOf, type Subject } from './subject.ts'

type Spec = ValidatingAdmissionPolicy['spec']
type Validation = NonNullable<Spec['validations']>[number]

/** Why a policy does not let a request pass. */
export interface Denial {
  readonly message: string
  /** Empty: Invalid. */
  readonly reason: string
  /** Denied whatever the binding's actions are. */
  readonly always?: boolean
}

/** A policy's expressions, compiled. */
interface Program {
  readonly variables: ReadonlyMap<string, Compiled>
  readonly validations: readonly { validation: Validation; condition: Compiled; message: Compiled | undefined }[]
  readonly annotations: readonly Compiled[]
}

/** Stored policies are frozen and shared, so they are compiled once. */
const programs = new WeakMap<Spec, Program>()

/** Compiles the variables of a policy, each of which may speak of those before it. */
export function compileVariables(
  variables: readonly { name: string; expression: string }[],
  params: boolean,
): { compiled: Map<string, Compiled>; types: Record<string, Type> } {
  const types: Record<string, Type> = {}
  const compiled = new Map<string, Compiled>()
  for (const { name, expression } of variables) {
    const made = compileIn(expression, { scope: { params, authorizer: true, variables: { ...types } } })
    compiled.set(name, { source: expression, compiled: made })
    types[name] = made.fault === undefined ? made.type : { kind: 'dyn' }
  }
  return { compiled, types }
}

function programOf(spec: Spec): Program {
  const known = programs.get(spec)
  if (known) return known
  const params = spec.paramKind !== undefined
  const { compiled: variables, types } = compileVariables(spec.variables ?? [], params)
  const scope: AdmissionScope = { params, authorizer: true, variables: types }
  const made: Program = {
    variables,
    validations: (spec.validations ?? []).map(validation => ({
      validation,
      condition: {
        source: validation.expression,
        compiled: compileIn(validation.expression, { scope, types: ['bool'] }),
      },
      message: messageOf(validation, scope),
    })),
    annotations: (spec.auditAnnotations ?? []).map(({ valueExpression }) => ({
      source: valueExpression.trim(),
      compiled: compileIn(valueExpression.trim(), { scope, types: ['string', 'null'] }),
    })),
  }
  programs.set(spec, made)
  return made
}

function messageOf({ messageExpression }: Validation, scope: AdmissionScope): Compiled | undefined {
  if (!messageExpression) return undefined
  const compiled = compileIn(messageExpression, { scope: { ...scope, authorizer: false }, types: ['string'] })
  return { source: messageExpression, compiled }
}

/** What a policy has against a request (admission/plugin/policy/validating/validator.go); nothing if it lets it pass. */
export function validatePolicy(
  { policy, params, asked, namespace }: Invocation<ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding>,
  authorizer: Subject['authorizer'],
): Denial[] {
  const { failurePolicy, matchConditions = [], paramKind } = policy.spec
  const failed = (message: string): Denial[] => (failurePolicy === 'Ignore' ? [] : [{ message, reason: '' }])
  const subject: Subject = { asked, namespace, params, authorizer }
  const met = conditionsMet(
    { conditions: matchConditions, failurePolicy: 'Fail', params: paramKind !== undefined },
    subject,
  )
  if (typeof met === 'string') return failed(met)
  if (!met) return []
  const { variables, validations, annotations } = programOf(policy.spec)
  const variable = variablesOf(subject)
  try {
    const evaluation = createEvaluation({ variable, composed: variables, limit: totalLimit })
    const outcomes = validations.map(({ condition }) => evaluation.run(condition))
    const denials = validations.flatMap((one, i) => {
      const outcome = outcomes[i] as Outcome
      if (outcome.error !== undefined) return failed(outcome.error)
      return outcome.value === true ? [] : [refused(one, evaluation)]
    })
    // There is no audit log to write them to, but one that fails counts.
    const audits = createEvaluation({ variable, composed: variables, limit: totalLimit })
    const faults = annotations.flatMap(one => audits.run(one).error ?? []).flatMap(failed)
    return [...denials, ...faults.map(fault => ({ ...fault, always: true }))]
  } catch (error) {
    if (error instanceof OutOfBudget) return failed(error.message)
    throw error
  }
}

const maxMessage = 5 * 1024

function refused(
  { validation, message }: { validation: Validation; message: Compiled | undefined },
  evaluation: Evaluation,
): Denial {
  const said = message && evaluation.run(message)
  const text = said?.error === undefined && typeof said?.value === 'string' ? said.value.trim() : ''
  const usable = !text.includes('\n') && Buffer.byteLength(text) <= maxMessage ? text : ''
  const fallback = validation.message?.trim() || `failed expression: ${validation.expression.trim()}`
  return { message: usable || fallback, reason: validation.reason ?? 'Invalid' }
}
