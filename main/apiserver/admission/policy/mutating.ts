import {
  mutatingAdmissionPolicies,
  mutatingAdmissionPolicyBindings,
  type MutatingAdmissionPolicy,
  type MutatingAdmissionPolicyBinding,
} from '../../../../shared/api/admissionregistration.ts'
import type { KubeObject } from '../../../../shared/api/object.ts'
import { forbidden, type StatusError } from '../../../../shared/machinery/status.ts'
import { loadExpressions } from '../../../resources/admissionregistration/expressions.ts'
import { subjectOf } from '../../registry/core.ts'
import type { AdmissionPlugin, AdmissionRequest } from '../admission.ts'
import { createReinvocation, type Round } from '../reinvocation.ts'
import { convertedTo } from '../webhooks/invocation.ts'
import { askingFor, whenDecided } from './authorizer.ts'
import { createDispatch, isUnquestioned, type Invocation, type PolicyParts } from './invocation.ts'
import { livePolicies, type Bound } from './policies.ts'
import type { Subject } from './subject.ts'

type Asked = Invocation<MutatingAdmissionPolicy, MutatingAdmissionPolicyBinding>

interface Refused {
  readonly message: string
}

/** MutatingAdmissionPolicy: one policy after the other; each sees what those before it have made of the object. */
export function mutatingPolicies(parts: PolicyParts): AdmissionPlugin & Disposable {
  const refs = { policies: mutatingAdmissionPolicies, bindings: mutatingAdmissionPolicyBindings }
  const policies = livePolicies(parts.store, refs)
  const dispatch = createDispatch(parts)
  const roundOf = createReinvocation()
  return {
    name: 'MutatingAdmissionPolicy',
    async mutate(request, rounds) {
      const found = policies.all()
      const all = found instanceof Promise ? await found : found
      const { operation } = request
      if (all.length === 0 || isUnquestioned(request) || (operation !== 'CREATE' && operation !== 'UPDATE'))
        return undefined
      const round = roundOf(request, rounds)
      const refused: Refused[] = []
      for (const bound of all) refused.push(...(await ask(parts, { dispatch, bound, request, round })))
      round.end()
      return refusal(request, refused)
    },
    [Symbol.dispose]: () => policies[Symbol.dispose](),
  }
}

interface Asking {
  dispatch: ReturnType<typeof createDispatch>
  bound: Bound<MutatingAdmissionPolicy, MutatingAdmissionPolicyBinding>
  request: AdmissionRequest
  round: Round
}

async function ask(parts: PolicyParts, { dispatch, bound, request, round }: Asking): Promise<Refused[]> {
  const { invocations, misconfigured } = await dispatch.invocations(request, bound)
  const { failurePolicy, reinvocationPolicy } = bound.policy.spec
  const refused: Refused[] = misconfigured.map(({ policy, binding, message }) => {
    const by = binding
      ? `'${policy.metadata.name}' with binding '${binding.metadata.name}'`
      : `"${policy.metadata.name}"`
    return { message: `policy ${by} denied request: ${message}` }
  })
  for (const invocation of invocations) {
    const id = idOf(invocation)
    if (!round.asks(id)) continue
    const outcome = await invoke(parts, invocation, request)
    if (outcome === undefined) continue
    if (typeof outcome === 'string') {
      const by = `'${invocation.policy.metadata.name}' with binding '${invocation.binding.metadata.name}'`
      refused.push({ message: `policy ${by} denied request: ${outcome}` })
    } else round.change(outcome)
    if (reinvocationPolicy === 'IfNeeded') round.mayAskAgain(id)
  }
  return failurePolicy === 'Ignore' ? [] : refused
}

function idOf({ policy, binding, params }: Asked): string {
  const { namespace = '', name = '' } = params?.metadata ?? {}
  return [policy.metadata.name, binding.metadata.name, namespace, name].join('/')
}

/** The object as the policy makes it, why it can't, or nothing if the policy is not about the request. */
async function invoke(
  parts: PolicyParts,
  { policy, params, asked, namespace }: Asked,
  request: AdmissionRequest,
): Promise<KubeObject | string | undefined> {
  await loadExpressions()
  const { conditionsMet, mutatedBy, MutationError } = await import('./mutate-object.ts')
  const resource = parts.index.find(asked.place) ?? request.resource
  // As policies before this one have left it.
  const object = request.object && (await convertedTo(resource, request.resource, request.object))
  const authorizer = askingFor(request.user, parts.authorizer)
  const subject: Subject = { asked: { ...asked, object }, namespace, params, authorizer }
  const { matchConditions = [], paramKind } = policy.spec
  const conditions = { conditions: matchConditions, failurePolicy: 'Fail', params: paramKind !== undefined }
  try {
    const made = await whenDecided(() => {
      const met = conditionsMet(conditions, subject)
      return met === true ? mutatedBy(policy.spec, resource, subject) : met || undefined
    })
    return typeof made === 'object' ? await convertedTo(request.resource, resource, made) : made
  } catch (error) {
    if (error instanceof MutationError) return error.message
    throw error
  }
}

function refusal(request: AdmissionRequest, refused: readonly Refused[]): StatusError | undefined {
  const [first] = refused
  if (!first) return undefined
  const { resource, name, object } = request
  const error = forbidden(subjectOf(resource, name || object?.metadata.name || ''), first.message)
  error.status.message = first.message
  error.status.reason = 'Invalid'
  error.status.details = { ...error.status.details, causes: refused.map(({ message }) => ({ message })) }
  return error
}
