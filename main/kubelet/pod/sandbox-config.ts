import type { Pod } from '../../../shared/api/core.ts'
import { sysctlName } from '../admission/sysctl-name.ts'
import { defaultConfiguration } from '../configuration/kubelet-configuration.ts'
import { sandboxHostname } from '../container/hosts-file.ts'
import { needsGroup, podResources } from '../resources/resources.ts'
import type { SandboxConfig } from '../runtime.ts'

/**
 * What the runtime must know to make a pod's sandbox (kuberuntime_sandbox.go, generatePodSandboxConfig). Throws where the
 * pod asks for what can't be: a host name that is too long, or a user namespace, which Docker's API gives to none or to all.
 */
export function sandboxConfig(
  pod: Pod,
  { attempt, clusterDomain, podPidsLimit }: { attempt: number; clusterDomain: string; podPidsLimit: number },
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
    ...(resources && { resources }),
    terminationGracePeriodSeconds: spec.terminationGracePeriodSeconds ?? 30,
  }
}

/**
 * What the group of a pod is limited to; undefined for pods that need none. For the sake of processes a pod gets one only if
 * somebody chose their number, since its containers are bounded anyway, and its other limits then stay theirs.
 */
function groupResources(pod: Pod, podPidsLimit: number): SandboxConfig['resources'] {
  const resources = podResources(pod, { processes: podPidsLimit })
  if (needsGroup(pod)) return resources
  const isChosen = podPidsLimit > 0 && podPidsLimit !== defaultConfiguration.podPidsLimit
  return isChosen ? { ...resources, cpuQuota: 0, memoryLimit: 0 } : undefined
}
