import { join } from 'node:path'
import { imageSettings } from '../kubelet/configuration/image-settings.ts'
import type { KubeletConfiguration } from '../kubelet/configuration/kubelet-configuration.ts'
import { createKubelet } from '../kubelet/kubelet.ts'
import { volumeProvisioner } from '../kubelet/provisioner/provisioner.ts'
import type { Client } from '../../shared/client/client.ts'
import { createRecorder } from '../../shared/client/create-recorder.ts'
import type { Informers } from '../../shared/client/informer.ts'
import { runController } from '../../shared/client/run-controller.ts'
import type { Clock } from '../../shared/machinery/clock.ts'
import type { Logger } from '../../shared/machinery/log.ts'
import { hostDns } from './host-dns.ts'
import type { Kubelets } from './kubelets.ts'
import type { NodeParts } from './node-parts.ts'
import type { NodePlan } from './node-plan.ts'

/** What the nodes of one cluster share. */
export interface NodeDependencies {
  clientOf: (user: string) => Client
  informers: Informers
  kubelets: Kubelets
  clusterDNS: string
  clusterDomain: string
  /** Kubernetes' version that nodes report. */
  kubeletVersion: string
  kubeletConfiguration: KubeletConfiguration
  /** A directory with one of manifests for each node. */
  manifests: string
  /** A directory with one of seccomp profiles for each node; they have none if left out. */
  seccompProfiles?: string
  /** A directory with one for each node of the last output of deleted pods, if they were on Docker; none is kept if left out. */
  keptLogs?: string
  clock: Clock
  random: () => number
  log: Logger
}

/**
 * How often a simulated node renews its Lease: there is no network on which renewals get lost, and a hundred nodes should
 * cost next to nothing. It is still less than the time after which a silent node counts as lost.
 */
const simulatedLeaseRenewal = 30_000

/** Runs the kubelet and the volume provisioner of one node. Disposing stops them; pods and the node's parts stay. */
export function startNode(plan: NodePlan, parts: NodeParts, dependencies: NodeDependencies): AsyncDisposable {
  const {
    clientOf,
    informers,
    kubelets,
    clusterDNS,
    clusterDomain,
    kubeletVersion,
    kubeletConfiguration,
    manifests,
    seccompProfiles,
    keptLogs,
  } = dependencies
  const { clock, random, log } = dependencies
  const { name: nodeName, uid, runtime, capacity } = plan
  const client = clientOf(`system:node:${nodeName}`)
  const stack = new AsyncDisposableStack()
  const recorder = stack.use(createRecorder({ client, clock, random, log, component: 'kubelet', host: nodeName }))
  const settings = {
    clusterDNS,
    clusterDomain,
    addresses: parts.addresses,
    capacity,
    configuration: kubeletConfiguration,
    images: imageSettings(kubeletConfiguration),
    labels: {},
    registerNode: uid === '',
    ...(runtime === 'simulated' && { leaseRenewal: simulatedLeaseRenewal }),
    hostDns: hostDns(),
    kubeletVersion,
    staticPodPath: join(manifests, nodeName),
    ...(seccompProfiles !== undefined && { seccompProfiles: join(seccompProfiles, nodeName) }),
    // What simulated pods say is always the same.
    ...(keptLogs !== undefined && runtime !== 'simulated' && { keptLogs: join(keptLogs, nodeName) }),
  }
  const shared = { nodeName, client, informers, recorder, clock, random, log }
  const kubelet = stack.use(createKubelet({ ...parts, ...shared, settings }))
  stack.use(kubelets.add(kubelet))
  const provisioner = volumeProvisioner({ nodeName, store: parts.volumeStore })
  stack.use(runController(provisioner, { client, informers, clock, random, log }))
  return stack
}
