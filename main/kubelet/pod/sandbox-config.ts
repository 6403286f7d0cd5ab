import type { Pod } from '../../../shared/api/core.ts'
import { sysctlName } from '../admission/sysctl-name.ts'
import { sandboxHostname } from '../container/hosts-file.ts'
import { groupResources } from '../resources/resources.ts'
import type { SandboxConfig } from '../runtime.ts'

interface Options {
  attempt: number
  clusterDomain: string
  podPidsLimit: number
  /** As runtimeHandlerOf tells it. */
  runtimeHandler: string
}

/**
 * What the runtime must know to make a pod's sandbox (kuberuntime_sandbox.go, generatePodSandboxConfig). Throws where the
 * pod asks for what can't be: a host name that is too long, or a user namespace, which Docker's API gives to none or to all.
 */
export function sandboxConfig(
  pod: Pod,
  { attempt, clusterDomain, podPidsLimit, runtimeHandler }: Options,
): SandboxConfig {
  const { metadata, spec } = pod
  const resources = groupResources(pod, podPidsLimit)
  const hostname = sandboxHostname(pod, clusterDomain)
  if (spec.hostUsers === false)
    throw new Error("can't set `spec.hostUsers: false`, runtime does not support user namespaces")
  return {
    pod: { namespace: metadata.namespace ?? '', name: metadata.name, uid: metadata.uid },
    attempt,
    hostname,
    labels: metadata.labels ?? {},
    annotations: metadata.annotations ?? {},
    hostNetwork: spec.hostNetwork ?? false,
    hostPID: spec.hostPID ?? false,
    hostIPC: spec.hostIPC ?? false,
    ...(spec.securityContext?.sysctls && {
      sysctls: Object.fromEntries(spec.securityContext.sysctls.map(s => [sysctlName(s.name), s.value])),
    }),
    ...(runtimeHandler !== '' && { runtimeHandler }),
    ...(resources && { resources }),
    terminationGracePeriodSeconds: spec.terminationGracePeriodSeconds ?? 30,
  }
}
