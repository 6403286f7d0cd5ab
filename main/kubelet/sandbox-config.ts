import type { Pod } from '../../shared/api/core.ts'
import { sysctlName } from './admission/sysctl-name.ts'
import { defaultConfiguration } from './configuration/kubelet-configuration.ts'
import { sandboxHostname } from './hosts-file.ts'
import { needsGroup, podResources } from './resources.ts'
import type { SandboxConfig } from './runtime.ts'

/**
 * What the runtime must know to make a pod's sandbox (kuberuntime_sandbox.go, generatePodSandboxConfig). Throws where the
 * pod asks for what can't be: a host name that is too long, or a user namespace, which Docker's API gives to none or to all.
 */
export function sandboxConfig(
  pod: Pod,
  { attempt, clusterDomain, podPidsLimit }: { attempt: number; clusterDomain: string; podPidsLimit: number },
): SandboxConfig {
  const { metadata, spec } = pod
  // Containers are bounded, too: only a limit that somebody chose is worth a group for each pod.
  const isChosen = podPidsLimit !== defaultConfiguration.podPidsLimit
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
    ...(needsGroup(pod, { processes: isChosen ? podPidsLimit : 0 }) && {
      resources: podResources(pod, { processes: podPidsLimit }),
    }),
    terminationGracePeriodSeconds: spec.terminationGracePeriodSeconds ?? 30,
  }
}
