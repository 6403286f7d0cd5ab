import { buffer } from 'node:stream/consumers'
import { Readable } from 'node:stream'
import { nodes, pods, type Node, type Pod } from '../../../shared/api/core.ts'
import { nodeMetrics, podMetrics, type NodeMetrics, type PodMetrics } from '../../../shared/api/metrics.ts'
import type { KubeObject } from '../../../shared/api/object.ts'
import { apiVersionOf } from '../../../shared/api/ref.ts'
import { notFound } from '../../../shared/machinery/status.ts'
import { answerList, answerObject } from '../codec/answer.ts'
import type { KubeletConnector } from '../connector.ts'
import { subjectOf } from '../registry/core.ts'
import { find } from '../registry/find.ts'
import { prefixOf } from '../registry/key.ts'
import type { Act } from '../subresources/subresource.ts'
import type { ResourceCall } from './resource-call.ts'
import { selectionOf } from './selection.ts'

/** What is read of `/stats/summary`. */
interface Amounts {
  cpu: { time: string; usageNanoCores: number }
  memory: { workingSetBytes: number }
}
interface Summary {
  node: Amounts
  pods: (Amounts & {
    podRef: { name: string; namespace: string; uid: string }
    containers: (Amounts & { name: string })[]
  })[]
}

/** How far apart the two readings of a CPU rate are at least. */
const window = '1s'

/**
 * GET on what nodes and pods use (metrics-server's API). Kubelets are asked when somebody asks here; those that have
 * nothing to tell are left out.
 */
export function usageMetrics(kubelets: KubeletConnector): Act {
  return async call => {
    const { core, context, resource, name } = call
    const { request } = context
    const all = await (resource.ref.namespaced ? metricsOfPods(call, kubelets) : metricsOfNodes(call, kubelets))
    const entries = all.map(object => ({ object, bytes: Buffer.from(JSON.stringify(object)) }))
    const now = core.clock.now()
    if (name !== '') {
      const entry = entries.find(({ object }) => object.metadata.name === name)
      if (!entry) throw notFound(subjectOf(resource, name))
      return answerObject({ request, resource, status: 200, entry, now })
    }
    const { matches } = selectionOf(resource, request.query)
    const matching = matches ? entries.filter(({ object }) => matches(object)) : entries
    return answerList({ request, resource, entries: matching, metadata: { resourceVersion: '' }, now })
  }
}

async function metricsOfNodes({ core, name }: ResourceCall, kubelets: KubeletConnector): Promise<KubeObject[]> {
  const { entries } = await core.store.list(prefixOf(nodes))
  const wanted = entries
    .map(({ object }) => object as Node)
    .filter(({ metadata }) => name === '' || metadata.name === name)
  const found = await Promise.all(
    wanted.map(async ({ metadata }): Promise<NodeMetrics[]> => {
      const summary = await summaryOf(kubelets, metadata.name)
      if (!summary) return []
      return [{ ...headOf(nodeMetrics, metadata), ...timeOf(summary.node), usage: usageOf(summary.node) }]
    }),
  )
  return found.flat()
}

async function metricsOfPods(
  { core, namespace, name }: ResourceCall,
  kubelets: KubeletConnector,
): Promise<KubeObject[]> {
  const { entries } = await core.store.list(prefixOf(nodes))
  const pod = name === '' ? undefined : find(core.store, pods, { namespace, name })
  const names = entries.map(({ object }) => object.metadata.name)
  const wanted = name === '' ? names : names.filter(node => node === pod?.spec.nodeName)
  const summaries = await Promise.all(wanted.map(node => summaryOf(kubelets, node)))
  return summaries.flatMap(summary =>
    (summary?.pods ?? []).flatMap((measured): PodMetrics[] => {
      const { podRef, containers } = measured
      if (namespace !== '' && podRef.namespace !== namespace) return []
      const known: Pod | undefined = find(core.store, pods, podRef)
      if (known?.metadata.uid !== podRef.uid || containers.length === 0) return []
      const usages = containers.map(each => ({ name: each.name, usage: usageOf(each) }))
      return [{ ...headOf(podMetrics, known.metadata), ...timeOf(measured), containers: usages }]
    }),
  )
}

async function summaryOf(kubelets: KubeletConnector, node: string): Promise<Summary | undefined> {
  const query = new URLSearchParams({ only_cpu_and_memory: 'true' })
  const signal = new AbortController().signal
  const answer = await kubelets
    .api?.(node, { method: 'GET', path: '/stats/summary', query, signal })
    .catch(() => undefined)
  if (answer?.status !== 200) return undefined
  return JSON.parse((await buffer(Readable.from(answer.body))).toString()) as Summary
}

function headOf(
  ref: typeof nodeMetrics | typeof podMetrics,
  { name, namespace, labels, creationTimestamp }: KubeObject['metadata'],
) {
  return {
    apiVersion: apiVersionOf(ref),
    kind: ref.kind,
    // It has no identity of its own.
    metadata: {
      name,
      ...(namespace && { namespace }),
      ...(labels && { labels }),
      creationTimestamp,
    } as KubeObject['metadata'],
  }
}

const timeOf = ({ cpu }: Amounts) => ({ timestamp: cpu.time, window })
const usageOf = ({ cpu, memory }: Amounts) => ({
  cpu: `${cpu.usageNanoCores}n`,
  memory: `${Math.floor(memory.workingSetBytes / 1024)}Ki`,
})
