import type { MutatingAdmissionPolicy } from '../../../../shared/api/admissionregistration.ts'
import type { KubeObject } from '../../../../shared/api/object.ts'
import { totalLimit } from '../../../../shared/machinery/cel/budget.ts'
import { checkObjectTypes, toJson } from '../../../../shared/machinery/cel/to-json.ts'
import { EvaluationError, itemsOf, type Struct, type Value } from '../../../../shared/machinery/cel/value.ts'
import { applyJsonPatch } from '../../../../shared/machinery/json-patch.ts'
import { isObject } from '../../../../shared/machinery/json-value.ts'
import { mergeFields } from '../../../../shared/machinery/managed-fields/merge-fields.ts'
import { pruneUnknown } from '../../../../shared/machinery/schema-walk.ts'
import { StatusError } from '../../../../shared/machinery/status.ts'
import type { AdmissionScope } from '../../../../shared/machinery/cel/admission.ts'
import { compileIn } from '../../../resources/admissionregistration/expressions.ts'
import type { Resource } from '../../../resources/resource.ts'
import { complete, typeFault } from '../../codec/decode-object.ts'
import { findAtomics } from './atomics.ts'
import { createEvaluation, OutOfBudget, type Compiled } from './evaluation.ts'
import { variablesOf, type Subject } from './subject.ts'
import { compileVariables } from './validate-policy.ts'

export { conditionsMet } from './match-conditions.ts'

type Spec = MutatingAdmissionPolicy['spec']

interface Program {
  readonly variables: ReadonlyMap<string, Compiled>
  readonly mutations: readonly { patches: boolean; expression: Compiled }[]
}

/** Stored policies are frozen and shared, so they are compiled once. */
const programs = new WeakMap<Spec, Program>()

function programOf(spec: Spec): Program {
  const known = programs.get(spec)
  if (known) return known
  const params = spec.paramKind !== undefined
  const { compiled: variables, types } = compileVariables(spec.variables ?? [], params)
  const scope: AdmissionScope = { params, authorizer: true, variables: types, patches: true }
  const mutations = (spec.mutations ?? []).map(({ patchType, jsonPatch, applyConfiguration }) => {
    const patches = patchType === 'JSONPatch'
    const source = ((patches ? jsonPatch : applyConfiguration)?.expression ?? '').trim()
    const compiled = compileIn(source, { scope, types: [patches ? 'list(JSONPatch)' : 'Object'] })
    return { patches, expression: { source, compiled } }
  })
  const made = { variables, mutations }
  programs.set(spec, made)
  return made
}

/** A mutation can't be made; the message says why. */
export class MutationError extends Error {
  override readonly name = 'MutationError'
}

/**
 * An object as the mutations of a policy make it, one after the other (admission/plugin/policy/mutating); `subject` gives
 * the object that each begins with. Throws MutationErrors.
 */
export function mutatedBy(spec: Spec, resource: Resource, subject: Subject): KubeObject | undefined {
  const { variables, mutations } = programOf(spec)
  let object = subject.asked.object
  for (const { patches, expression } of mutations) {
    if (!object) return undefined
    const variable = variablesOf({ ...subject, asked: { ...subject.asked, object } })
    const value = valueOf(expression, { variable, composed: variables })
    const changed = told(() =>
      patches ? patched(object as KubeObject, value) : applied(object as KubeObject, value, resource),
    )
    object = decoded(changed, resource)
  }
  return object
}

function valueOf(
  expression: Compiled,
  given: Pick<Parameters<typeof createEvaluation>[0], 'variable' | 'composed'>,
): Value {
  try {
    const outcome = createEvaluation({ ...given, limit: totalLimit }).run(expression)
    if (outcome.error === undefined) return outcome.value
    throw new MutationError(outcome.error)
  } catch (error) {
    if (error instanceof OutOfBudget) throw new MutationError(error.message)
    throw error
  }
}

/** What is wrong with a value that an expression gives is told like the failure of the expression. */
function told<T>(make: () => T): T {
  try {
    return make()
  } catch (error) {
    if (error instanceof EvaluationError) throw new MutationError(`type mismatch: ${error.message}`)
    throw error
  }
}

const isStruct = (value: Value): value is Struct =>
  value !== null && typeof value === 'object' && value.kind === 'struct'

function applied(object: KubeObject, value: Value, resource: Resource): unknown {
  if (!isStruct(value)) throw new MutationError('invalid return type')
  checkObjectTypes(value)
  const { apiVersion, kind } = object
  const configuration = { ...(toJson(value) as object), apiVersion, kind }
  const schema = resource.schema()
  const atomics = findAtomics(schema, configuration)
  if (atomics.length > 0) {
    const why = `may not mutate atomic arrays, maps or structs: ${atomics.join(', ')}`
    throw new MutationError(`error applying patch: invalid ApplyConfiguration: ${why}`)
  }
  const wrong = typeFault(resource, structuredClone(configuration))
  if (wrong !== undefined) {
    throw new MutationError(`error applying patch: failed to convert patch object to typed object: ${wrong}`)
  }
  return mergeFields(schema, object, configuration)
}

function patched(object: KubeObject, value: Value): unknown {
  const list = value !== null && typeof value === 'object' && value.kind === 'list' ? [...itemsOf(value)] : []
  const operations = list.filter(isStruct).map(operation => {
    const inner = operation.get('value')
    if (inner !== undefined && isStruct(inner)) checkObjectTypes(inner, inner.name)
    return toJson(operation)
  })
  const made = attempted(object, operations)
  if (!(made instanceof StatusError)) return made
  if (failsTest(object, operations)) return object
  throw new MutationError(`JSON Patch: ${made.message}`)
}

function attempted(object: KubeObject, operations: readonly unknown[]): unknown {
  try {
    return applyJsonPatch(object, operations)
  } catch (error) {
    if (error instanceof StatusError) return error
    throw error
  }
}

/** Whether a patch is rejected by a test in it, which only says that there is nothing to do. */
function failsTest(object: KubeObject, operations: readonly unknown[]): boolean {
  const rejected = operations.findIndex((_, i) => attempted(object, operations.slice(0, i + 1)) instanceof StatusError)
  const operation = operations[rejected]
  return isObject(operation) && operation.op === 'test'
}

function decoded(value: unknown, resource: Resource): KubeObject {
  if (!isObject(value)) throw new MutationError('the patch leaves no object')
  const object = structuredClone(value)
  const wrong = typeFault(resource, object)
  if (wrong !== undefined) throw new MutationError(wrong)
  pruneUnknown(resource.schema(), object)
  return complete(resource, object)
}
