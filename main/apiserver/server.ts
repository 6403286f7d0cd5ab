import type { ResourceRef } from '../../shared/api/ref.ts'
import type { ApiTransport } from '../../shared/client/client.ts'
import { createClient } from '../../shared/client/create-client.ts'
import type { Clock } from '../../shared/machinery/clock.ts'
import type { Logger } from '../../shared/machinery/log.ts'
import type { Resource } from '../resources/resource.ts'
import type { Store } from '../store/store.ts'
import { createAdmission, type AdmissionPlugin } from './admission/admission.ts'
import { certificateAdmission } from './admission/certificates.ts'
import { persistentVolumeClaimResize } from './admission/claim-resize.ts'
import { createDefaultClasses } from './admission/default-classes.ts'
import { defaultIngressClass } from './admission/default-ingress-class.ts'
import { defaultStorageClass } from './admission/default-storage-class.ts'
import { defaultTolerations } from './admission/default-tolerations.ts'
import { limitRanger } from './admission/limit-ranger/limit-ranger.ts'
import { namespaceLifecycle } from './admission/namespace-lifecycle.ts'
import { nodeDeclaredFeatureValidator } from './admission/node-features.ts'
import { nodeRestriction } from './admission/node-restriction/node-restriction.ts'
import { taintNodesByCondition } from './admission/node-taint.ts'
import { createPolicyAdmission } from './admission/policy/create-policies.ts'
import { podResizeValidator } from './admission/pod-resize.ts'
import { podSecurity } from './admission/pod-security/pod-security.ts'
import { priority } from './admission/priority.ts'
import { resourceQuotaAdmission } from './admission/resource-quota/resource-quota.ts'
import { runtimeClassAdmission } from './admission/runtime-class.ts'
import { serviceAccountAdmission } from './admission/service-account.ts'
import { storageObjectInUseProtection } from './admission/storage-protection.ts'
import { podTopologyLabels } from './admission/topology-labels.ts'
import { createServiceAccountTokens } from './authn/service-account-tokens.ts'
import { createAuthorization } from './authz/authorization.ts'
import { paramAccess } from './authz/param-access.ts'
import { roleEscalation } from './authz/role-escalation.ts'
import type { KubeletConnector } from './connector.ts'
import { createCustomResources, withRules } from './custom-resources/create-custom-resources.ts'
import { createNonResource } from './discovery/non-resource.ts'
import type { HealthCheck } from './discovery/health.ts'
import { createDispatch } from './dispatch.ts'
import { createAggregation } from './aggregation/create-aggregation.ts'
import { createRemoteServers } from './aggregation/remote-server.ts'
import { createMatcher } from './admission/matching/matcher.ts'
import { createWebhookAdmission } from './admission/webhooks/create-webhooks.ts'
import { createEgressClient } from './egress/client.ts'
import { dialDirectly } from './egress/dial-directly.ts'
import type { Dial } from './egress/dial.ts'
import { createWebhookClient } from './egress/webhook-client.ts'
import { privileged, type Authorizer } from './filters/authorize.ts'
import { createDeadlines } from './filters/deadline.ts'
import { createFlowControl } from './filters/flow-control.ts'
import { createHandle } from './filters/handle.ts'
import { createInFlight } from './filters/in-flight.ts'
import { listen, type Listener } from './http/listen.ts'
import { answerMetrics } from './metrics/answer-metrics.ts'
import { createRequestMetrics } from './metrics/request-metrics.ts'
import type { Core } from './registry/core.ts'
import { ipRange } from './registry/ip-range.ts'
import type { PortRange } from './registry/node-ports.ts'
import { createResourceIndex } from './registry/resource-index.ts'
import { storedKinds } from './registry/stored-kinds.ts'
import { createServiceAllocator } from './registry/service-allocator.ts'
import type { ServerRequest, ServerResponse, UserInfo } from './request.ts'
import { createTransientKinds } from './reviews/transient-kinds.ts'
import { createSubresources } from './subresources/of-resource.ts'
import type { Authorities } from './tls/authorities.ts'
import type { SigningWish } from './tls/sign-request.ts'
import { componentOf, createTransport } from './transport.ts'
import { createSharedFrames } from './verbs/watch-frames.ts'
import { createWatchSet } from './verbs/watch-set.ts'

export interface ApiServerOptions {
  store: Store
  resources: readonly Resource[]
  authorities: Authorities
  kubelets: KubeletConnector
  /** The way to pods: for the API proxy, webhooks and aggregated API servers. */
  dial: Dial
  /** e.g. `10.96.0.0/16`; see `ipRange`. */
  serviceCidr: string
  nodePortRange: PortRange
  clock: Clock
  random: () => number
  log: Logger
  /** Default: system:masters, the node authorizer and RBAC, in this order. */
  authorizer?: Authorizer
  /** Run after the built-in plugins. */
  admission?: readonly AdmissionPlugin[]
  /** What must be well beside the server itself, for it to be so. */
  health?: readonly HealthCheck[]
}

/** A function from request to response over the store, and the ways to reach it. */
export interface ApiServer extends AsyncDisposable {
  /** Serves HTTP/2 and HTTP/1.1 over TLS. Several listeners are possible. Rejects with the system's error. */
  listen(at: { host: string; port: number }): Promise<Listener>
  /** A client's way in from this process: as `user`, with `agent` (by default the user's component) as its User-Agent. */
  transport(user: UserInfo, agent?: string): ApiTransport
  /** Resolves when the kinds of all stored definitions are served; rejects if the store can't be read. */
  readonly ready: Promise<void>
  /** The kinds whose objects are stored, one ref each, in the version that discovery prefers. */
  readonly kinds: { current(): readonly ResourceRef[]; subscribe(changed: () => void): Disposable }
  /** Answers one request; never rejects. */
  handle(request: ServerRequest): Promise<ServerResponse>
  /** What controllers need the cluster's keys for. */
  readonly signer: {
    token(wanted: { account: { namespace: string; name: string; uid: string }; secret: string }): Promise<string>
    certificate(wanted: SigningWish): Promise<string>
  }
}

export function createApiServer(options: ApiServerOptions): ApiServer {
  const { store, resources, authorities, kubelets, clock, random, log } = options
  const { admission = [], health = [] } = options
  const authorization = createAuthorization(store)
  const authorizer = options.authorizer ?? authorization
  const range = ipRange(options.serviceCidr)
  const tokens = createServiceAccountTokens({ key: authorities.serviceAccountKey, store, clock })
  const watches = createWatchSet(clock)
  const deadlines = createDeadlines(clock)
  const index = createResourceIndex(withRules(resources))
  const egress = createEgressClient(options.dial)
  const outside = createEgressClient(dialDirectly)
  const webhookClient = createWebhookClient({ store, random, clock, inside: egress, outside })
  const customResources = createCustomResources(webhookClient)
  const matcher = createMatcher({ store, index })
  const policies = createPolicyAdmission({ store, index, matcher, authorizer })
  const webhooks = createWebhookAdmission({
    store,
    index,
    matcher,
    client: webhookClient,
    conditionsMet: policies.conditionsMet,
    log,
  })
  const classes = createDefaultClasses(store)
  const serviceAllocator = createServiceAllocator({ store, range, nodePorts: options.nodePortRange, random })
  const itself = { name: 'system:apiserver', groups: [privileged] }
  const aggregation = createAggregation({
    store,
    servers: createRemoteServers({ store, client: egress, identity: authorities.frontProxy.client, random }),
    transport: () => createTransport({ user: itself, agent: 'kube-aggregator', handle }),
    clock,
    log,
  })
  const core: Core = {
    store,
    index,
    admission: createAdmission([
      namespaceLifecycle(store),
      customResources.admission,
      limitRanger(store),
      serviceAccountAdmission({ store, random }),
      nodeRestriction({ store, authorizer }),
      taintNodesByCondition,
      podSecurity(store),
      priority({ store, classes }),
      defaultTolerations,
      defaultStorageClass(classes),
      storageObjectInUseProtection,
      persistentVolumeClaimResize(store),
      runtimeClassAdmission(store),
      defaultIngressClass(classes),
      podTopologyLabels(store),
      nodeDeclaredFeatureValidator(store),
      podResizeValidator(store),
      ...admission,
      certificateAdmission(authorizer),
      policies.loading,
      policies.mutating,
      webhooks.mutating,
      roleEscalation(authorization),
      paramAccess({ store, index, authorizer }),
      policies.validating,
      webhooks.validating,
      resourceQuotaAdmission({ store, client: () => createClient(transport(itself, 'kube-apiserver')), clock }),
    ]),
    allocators: [serviceAllocator],
    watches,
    frames: createSharedFrames(),
    clock,
    random,
    log,
  }
  const subresources = createSubresources({ kubelets, tokens, egress })
  const inFlight = createInFlight()
  const flows = createFlowControl(store)
  const requests = createRequestMetrics({ isServed: info => core.index.find(info) !== undefined })
  const nonResource = createNonResource({
    index: core.index,
    aggregation,
    subresources,
    metrics: answerMetrics({ requests, inFlight, store, resources: () => core.index.all() }),
    keys: tokens.keys,
    health,
  })
  const handle = createHandle({
    tokens,
    authorizer,
    flows,
    inFlight,
    metrics: requests,
    deadlines,
    log,
    dispatch: createDispatch({
      core,
      aggregation,
      subresources,
      transientKinds: createTransientKinds({ authorization, tokens, kubelets }),
      nonResource,
    }),
    ref: info => core.index.find(info)?.ref,
  })
  const listeners = new Set<Listener>()
  const transport: ApiServer['transport'] = (user, agent = componentOf(user)) =>
    createTransport({ user, agent, handle })
  const definitionsServed = customResources.start({ core, index, client: createClient(transport(itself)) })
  // Whoever waits for it is told; without anyone it must not end the process.
  definitionsServed.catch((error: unknown) => log.error('Definitions can not be read', { error }))

  return {
    handle,
    ready: definitionsServed,
    kinds: { current: () => storedKinds(index.all()), subscribe: changed => index.subscribe(changed) },
    signer: {
      token: ({ account, secret }) => tokens.signLegacy(account, secret),
      // The library that makes certificates is loaded when one is to be made.
      certificate: async wish => (await import('./tls/sign-request.ts')).signRequest(authorities.ca, wish, clock.now()),
    },
    transport,
    async listen({ host, port }) {
      const { serving, ca } = authorities
      const tls = { certificate: serving.certificate, key: serving.key, ca: ca.certificate }
      const listener = await listen({ host, port, tls, serve: handle })
      const own: Listener = {
        port: listener.port,
        async close() {
          listeners.delete(own)
          await listener.close()
        },
      }
      listeners.add(own)
      return own
    },
    async [Symbol.asyncDispose]() {
      customResources[Symbol.dispose]()
      authorization[Symbol.dispose]()
      classes[Symbol.dispose]()
      serviceAllocator[Symbol.dispose]()
      flows[Symbol.dispose]()
      watches[Symbol.dispose]()
      deadlines[Symbol.dispose]()
      aggregation[Symbol.dispose]()
      policies[Symbol.dispose]()
      webhooks[Symbol.dispose]()
      egress[Symbol.dispose]()
      outside[Symbol.dispose]()
      await Promise.all([...listeners].map(listener => listener.close()))
    },
  }
}
