import type { JobSpec } from '../../../shared/api/batch.ts'
import type { ContainerStatus, Pod } from '../../../shared/api/core.ts'

type Policy = NonNullable<JobSpec['podFailurePolicy']>
type ExitCodes = NonNullable<Policy['rules'][number]['onExitCodes']>

/** What a policy says about a failed pod. */
export interface Judgement {
  /** Undefined: no rule matches, and the failure counts. */
  action?: 'FailJob' | 'FailIndex' | 'Ignore' | 'Count'
  /** Why the whole Job fails. */
  message?: string
}

/** Finds the first rule that a failed pod matches (KEP-3329, pkg/controller/job/pod_failure_policy.go). */
export function judge(policy: Policy | undefined, pod: Pod): Judgement {
  for (const [i, { action, onExitCodes, onPodConditions }] of (policy?.rules ?? []).entries()) {
    const container = onExitCodes && failedContainer(pod, onExitCodes)
    const condition = onExitCodes
      ? undefined
      : pod.status?.conditions?.find(({ type, status }) =>
          onPodConditions?.some(pattern => pattern.type === type && pattern.status === status),
        )
    if (!container && !condition) continue
    if (action !== 'FailJob') return { action: action as NonNullable<Judgement['action']> }
    const where = `${pod.metadata.namespace ?? ''}/${pod.metadata.name}`
    const rule = `matching ${action} rule at index ${i}`
    return {
      action,
      message: container
        ? `Container ${container.name} for pod ${where} failed with exit code ${container.state?.terminated?.exitCode ?? 0} ${rule}`
        : `Pod ${where} has condition ${condition?.type ?? ''} ${rule}`,
    }
  }
  return {}
}

/** Whether the failure counts towards the back-off limits. */
export const isCounted = ({ action }: Judgement) => action !== 'Ignore'

function failedContainer({ status }: Pod, { containerName, operator, values }: ExitCodes): ContainerStatus | undefined {
  const all = [...(status?.containerStatuses ?? []), ...(status?.initContainerStatuses ?? [])]
  return all.find(({ name, state }) => {
    const code = state?.terminated?.exitCode
    if (!code || (containerName !== undefined && containerName !== name)) return false
    return operator === 'In' ? values.includes(code) : operator === 'NotIn' && !values.includes(code)
  })
}
