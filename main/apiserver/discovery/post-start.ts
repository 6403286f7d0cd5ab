import type { HealthCheck } from './health.ts'

/** What makes a cluster of an API server, in the words of the control plane that does it. */
type Step = 'definitions' | 'namespaces' | 'objects' | 'policy' | 'apis' | 'authentication'

/**
 * Upstream's post-start hooks in the order of its answers (pkg/controlplane, kube-aggregator/pkg/apiserver), each with
 * the step that does its work here. Those without one are made with the server itself. Upstream's for what does not
 * exist here (the lease of one server among several, say) are left out.
 */
const hooks: readonly [name: string, step?: Step][] = [
  ['poststarthook/start-apiserver-admission-initializer'],
  ['poststarthook/generic-apiserver-start-informers'],
  ['poststarthook/priority-and-fairness-config-consumer'],
  ['poststarthook/priority-and-fairness-filter'],
  ['poststarthook/start-apiextensions-informers', 'definitions'],
  ['poststarthook/start-apiextensions-controllers', 'definitions'],
  ['poststarthook/crd-informer-synced', 'definitions'],
  ['poststarthook/start-system-namespaces-controller', 'namespaces'],
  ['poststarthook/start-cluster-authentication-info-controller', 'authentication'],
  ['poststarthook/storage-readiness'],
  ['poststarthook/start-service-ip-repair-controllers'],
  ['poststarthook/rbac/bootstrap-roles', 'policy'],
  ['poststarthook/scheduling/bootstrap-system-priority-classes', 'objects'],
  ['poststarthook/priority-and-fairness-config-producer', 'objects'],
  ['poststarthook/bootstrap-controller', 'objects'],
  ['poststarthook/start-kubernetes-service-cidr-controller', 'objects'],
  ['poststarthook/start-kube-aggregator-informers'],
  ['poststarthook/apiservice-status-local-available-controller', 'apis'],
  ['poststarthook/apiservice-status-remote-available-controller', 'apis'],
  ['poststarthook/apiservice-registration-controller', 'apis'],
  ['poststarthook/apiservice-discovery-controller'],
  ['poststarthook/kube-apiserver-autoregistration', 'apis'],
  ['autoregister-completion', 'apis'],
  ['poststarthook/apiservice-openapi-controller', 'definitions'],
  ['poststarthook/apiservice-openapiv3-controller', 'definitions'],
]

export interface PostStart {
  /** One for each of upstream's hooks. */
  readonly checks: readonly HealthCheck[]
  /** Settles as `work`; the checks of its step are well once it is done. */
  run<T>(step: Step, work: Promise<T>): Promise<T>
}

/** Follows what is done once to make a cluster of its API server. */
export function createPostStart(): PostStart {
  const done = new Set<Step>()
  return {
    checks: hooks.map(([name, step]) => ({
      name,
      check: () => (step === undefined || done.has(step) ? undefined : 'not finished'),
    })),
    async run(step, work) {
      const result = await work
      done.add(step)
      return result
    },
  }
}
