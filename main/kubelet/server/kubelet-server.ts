import { sandboxOf } from '../pod-records.ts'
import type { KubeletParts } from '../kubelet-parts.ts'
import type { PodState } from '../pod-state.ts'
import type { RuntimeInfo } from '../runtime.ts'
import { configz } from '../configuration/configz.ts'
import { valueOf } from '../quantities.ts'
import { cadvisorMetrics, kubeletMetrics, resourceMetrics } from './metrics.ts'
import { createReadings } from './readings.ts'
import { summary } from './summary.ts'

interface Question {
  method: string
  path: string
  query: URLSearchParams
}

interface Answer {
  status: number
  contentType: string
  body: Iterable<Uint8Array>
}

interface Options {
  parts: KubeletParts
  states: () => Iterable<PodState>
  info: () => RuntimeInfo | undefined
}

/** What the kubelet serves of itself (pkg/kubelet/server/server.go): its usage, metrics and configuration. */
export interface KubeletServer {
  /** Undefined: there is no such path. */
  answer: (question: Question) => Promise<Answer | undefined>
}

const plain = 'text/plain; version=0.0.4; charset=utf-8'

export function createKubeletServer({ parts, states, info }: Options): KubeletServer {
  const { nodeName, clock, host, runtime, settings, signal, statuses } = parts
  const startTime = clock.now()
  const readings = createReadings({ runtime, states, clock, signal })

  async function stats(onlyCpuAndMemory: boolean) {
    const pods = await readings.read()
    const uids = onlyCpuAndMemory ? [] : pods.map(({ pod }) => pod.metadata.uid)
    const volumes = new Map(await Promise.all(uids.map(async uid => [uid, await host.usage(uid)] as const)))
    return summary({ nodeName, now: clock.now(), startTime, nodeMemory: parts.allocatable().memory, pods, volumes })
  }
  function own() {
    const containers = new Map<string, number>()
    let pods = 0
    for (const { records } of states()) {
      if (sandboxOf(records).sandbox) pods++
      for (const { state } of records.containers) containers.set(state, (containers.get(state) ?? 0) + 1)
    }
    return kubeletMetrics({ node: nodeName, pods, containers, terminations: statuses.terminations() })
  }
  const configuration = () =>
    configz(settings.configuration, {
      clusterDomain: settings.clusterDomain,
      ...(settings.clusterDNS && { clusterDNS: [settings.clusterDNS] }),
      ...(settings.staticPodPath !== undefined && { staticPodPath: settings.staticPodPath }),
      maxPods: valueOf(parts.allocatable().quantities.pods),
    })

  const routes: Record<string, (query: URLSearchParams) => Promise<Answer>> = {
    '/stats/summary': async query => json(await stats(query.get('only_cpu_and_memory') === 'true')),
    '/metrics': async () => text(own()),
    '/metrics/resource': async () => text(resourceMetrics(await readings.read())),
    '/metrics/cadvisor': async () =>
      text(cadvisorMetrics(await readings.read(), { cores: info()?.cpus ?? 0, memory: info()?.memory ?? 0 })),
    '/configz': async () => json(configuration()),
  }
  return {
    async answer({ method, path, query }) {
      const route = Object.hasOwn(routes, path) ? routes[path] : undefined
      if (route && method !== 'GET') return { ...text('405: Method Not Allowed'), status: 405 }
      return route?.(query)
    },
  }
}

const text = (content: string): Answer => ({ status: 200, contentType: plain, body: [Buffer.from(content)] })
const json = (value: object): Answer => ({
  status: 200,
  contentType: 'application/json',
  body: [Buffer.from(JSON.stringify(value))],
})
