import type { Container, Pod } from '../../../shared/api/core.ts'
import { allContainers } from './pod-records.ts'

type Rule = NonNullable<Container['restartPolicyRules']>[number]

/** The first rule that says something of an exit code (pkg/api/v1/pod/util.go, FindMatchingContainerRestartRule). */
function ruleFor({ restartPolicyRules = [] }: Container, exitCode: number): Rule | undefined {
  return restartPolicyRules.find(({ exitCodes }) => {
    const listed = exitCodes?.values?.includes(exitCode) ?? false
    return exitCodes?.operator === 'In' ? listed : exitCodes?.operator === 'NotIn' && !listed
  })
}

/**
 * Whether a container that ended with a code runs again: its rules first, then its own policy, then the pod's (KEP-5307;
 * pkg/api/v1/pod/util.go, ContainerShouldRestart).
 */
export function runsAgain(container: Container, { spec }: Pod, exitCode: number): boolean {
  if (container.restartPolicy !== undefined && ruleFor(container, exitCode)) return true
  const policy = container.restartPolicy ?? spec.restartPolicy ?? 'Always'
  return policy === 'Always' || (policy === 'OnFailure' && exitCode !== 0)
}

/** Whether a container that has to be killed is wanted back: no code can tell yet, so that its policy decides. */
export const survivesKill = (container: Container, { spec }: Pod): boolean =>
  (container.restartPolicy ?? spec.restartPolicy) !== 'Never'

/** Whether a container asks by its exit code for all containers of its pod to run again (KEP-5532). */
export const restartsAll = (container: Container, exitCode: number): boolean =>
  ruleFor(container, exitCode)?.action === 'RestartAllContainers'

/** Whether any container of a pod could ask for that. */
export const mayRestartAll = (pod: Pod): boolean =>
  allContainers(pod).some(c => c.restartPolicyRules?.some(({ action }) => action === 'RestartAllContainers'))

/** The reason of containers that were removed because another one asked for all to run again. */
export const restartingAll = 'RestartingAllContainers'
