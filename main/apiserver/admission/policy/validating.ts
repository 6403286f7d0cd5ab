import {
  validatingAdmissionPolicies,
  validatingAdmissionPolicyBindings,
  type ValidatingAdmissionPolicy,
  type ValidatingAdmissionPolicyBinding,
} from '../../../../shared/api/admissionregistration.ts'
import { forbidden, type StatusError } from '../../../../shared/machinery/status.ts'
import { loadExpressions } from '../../../resources/admissionregistration/expressions.ts'
import { subjectOf } from '../../registry/core.ts'
import type { AdmissionPlugin, AdmissionRequest } from '../admission.ts'
import { askingFor, whenDecided } from './authorizer.ts'
import { createDispatch, isUnquestioned, type Invocation, type Misconfigured, type PolicyParts } from './invocation.ts'
import { livePolicies } from './policies.ts'
import type { Denial } from './validate-policy.ts'

type Asked = Invocation<ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding>
type Unasked = Misconfigured<ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding>

/** A denial with who says it. */
interface Denied extends Denial {
  readonly by: string
}

const codes: Readonly<Record<string, number>> = {
  Forbidden: 403,
  Unauthorized: 401,
  RequestEntityTooLarge: 413,
  Invalid: 422,
}

/** ValidatingAdmissionPolicy: nothing is asked where there are no policies, or none that is bound. */
export function validatingPolicies(parts: PolicyParts): AdmissionPlugin & Disposable {
  const refs = { policies: validatingAdmissionPolicies, bindings: validatingAdmissionPolicyBindings }
  const policies = livePolicies(parts.store, refs)
  const dispatch = createDispatch(parts)
  return {
    name: 'ValidatingAdmissionPolicy',
    async validate(request) {
      const found = policies.all()
      const all = found instanceof Promise ? await found : found
      if (all.length === 0 || isUnquestioned(request)) return undefined
      const authorizer = askingFor(request.user, parts.authorizer)
      const denied: Denied[] = []
      for (const bound of all) {
        const { invocations, misconfigured } = await dispatch.invocations(request, bound)
        denied.push(...misconfigured.flatMap(unasked))
        if (invocations.length === 0) continue
        await loadExpressions()
        const { validatePolicy } = await import('./validate-policy.ts')
        for (const invocation of invocations) {
          const denials = await whenDecided(() => validatePolicy(invocation, authorizer))
          denied.push(...denials.flatMap(denial => act(invocation, denial, request)))
        }
      }
      const [first] = denied
      return first && refusal(request, first)
    },
    [Symbol.dispose]: () => policies[Symbol.dispose](),
  }
}

function unasked({ policy, binding, message }: Unasked): Denied[] {
  if (policy.spec.failurePolicy === 'Ignore') return []
  const { name } = policy.metadata
  const by = binding ? `'${name}' with binding '${binding.metadata.name}'` : `'${name}'`
  return [{ by, message, reason: '' }]
}

/** Does with a denial what the binding asks for. */
function act({ policy, binding }: Asked, denial: Denial, request: AdmissionRequest): Denied[] {
  const by = `'${policy.metadata.name}' with binding '${binding.metadata.name}'`
  const actions = binding.spec.validationActions
  if (actions.includes('Warn')) {
    request.warn(`Validation failed for ValidatingAdmissionPolicy ${by}: ${denial.message}`)
  }
  return denial.always || actions.includes('Deny') ? [{ ...denial, by }] : []
}

function refusal({ resource, name, object }: AdmissionRequest, { by, message, reason }: Denied): StatusError {
  const text = `ValidatingAdmissionPolicy ${by} denied request: ${message}`
  const shown = name || object?.metadata.name || object?.metadata.generateName || ''
  const error = forbidden(subjectOf(resource, shown), text)
  const given = reason || 'Invalid'
  error.status.reason = given
  error.status.code = codes[given] ?? 422
  error.status.details = { ...error.status.details, causes: [{ message: text }] }
  return error
}
