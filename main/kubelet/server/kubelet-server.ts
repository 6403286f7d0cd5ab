import { sandboxOf } from '../pod/pod-records.ts'
import type { KubeletParts } from '../kubelet-parts.ts'
import type { PodState } from '../pod/pod-state.ts'
import type { RuntimeInfo } from '../runtime.ts'
import { configz } from '../configuration/configz.ts'
import { valueOf } from '../resources/quantities.ts'
import type { LogFiles } from '../container/log-files.ts'
import { json, metrics, text, type Answer, type Question } from './answer.ts'
import { serveLogs } from './log-server.ts'
import { cadvisorMetrics, kubeletMetrics, resourceMetrics } from './metrics.ts'
import { createReadings } from './readings.ts'
import { runningPods } from './running-pods.ts'
import { summary } from './summary.ts'

interface Options {
  parts: KubeletParts
  states: () => Iterable<PodState>
  info: () => RuntimeInfo | undefined
  /** What is in the node's /var/log. */
  logFiles: LogFiles
}

/** What the kubelet serves of itself (pkg/kubelet/server/server.go): its usage, metrics and configuration. */
export interface KubeletServer {
  /** Undefined: there is no such path. */
  answer: (question: Question) => Promise<Answer | undefined>
}

export function createKubeletServer({ parts, states, info, logFiles }: Options): KubeletServer {
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

  /** Podbay's own: upstream's kubelet tells of probes by Events alone. */
  const probesOf = (podUid: string) => parts.prober.history.of(podUid)

  const healthy = async () => text('ok')
  const routes: Record<string, (query: URLSearchParams) => Promise<Answer>> = {
    '/healthz': async query => (query.has('verbose') ? text(verbose) : text('ok')),
    ...Object.fromEntries(checks.map(name => [`/healthz/${name}`, healthy])),
    '/runningpods': async () => json(runningPods(states())),
    '/stats/summary': async query => json(await stats(query.get('only_cpu_and_memory') === 'true')),
    '/metrics': async () => metrics(own()),
    '/metrics/resource': async () => metrics(resourceMetrics(await readings.read())),
    '/metrics/cadvisor': async () =>
      metrics(cadvisorMetrics(await readings.read(), { cores: info()?.cpus ?? 0, memory: info()?.memory ?? 0 })),
    '/configz': async () => json(configuration()),
  }
  return {
    async answer({ method, path, query }) {
      if (path === '/logs') return { ...text('', 301), location: 'logs/' }
      if (path.startsWith('/logs/')) return method === 'GET' ? serveLogs(logFiles, path.slice(6)) : notAllowed
      if (path.startsWith('/probes/')) return method === 'GET' ? json(probesOf(path.slice(8))) : notAllowed
      const refusal = refusals.find(({ prefix }) => path.startsWith(prefix))
      if (refusal) return text(refusal.message, refusal.status)
      const name = path.replace(/(?<=.)\/$/, '')
      const route = Object.hasOwn(routes, name) ? routes[name] : undefined
      return route && method !== 'GET' ? notAllowed : route?.(query)
    },
  }
}

const notAllowed = text('405: Method Not Allowed', 405)

const checks = ['ping', 'log', 'syncloop']
const verbose = `${checks.map(name => `[+]${name} ok\n`).join('')}healthz check passed\n`

/** What upstream can switch off, in its words, and what no engine can do. */
const refusals = [
  { prefix: '/debug/pprof', status: 405, message: 'profiling endpoint is disabled.\n' },
  { prefix: '/debug/flags/v', status: 405, message: 'flags endpoint is disabled.\n' },
  {
    prefix: '/checkpoint/',
    status: 500,
    message: "checkpointing failed (Docker's API makes no checkpoint that a pod could use)",
  },
]
