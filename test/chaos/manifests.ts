import type { Container, PodSpec } from '../../shared/api/core.ts'
import { nodeAnnotations } from '../../shared/machinery/logical-node.ts'

/** Objects that writers apply. */
export interface Manifest {
  apiVersion: string
  kind: string
  metadata: { name: string; annotations?: Record<string, string> }
  spec?: object
}

interface Size {
  replicas: number
  /** Another number is another template. */
  rollout: number
}

const core = { apiVersion: 'v1' }
const idle = 'trap exit TERM; while :; do sleep 1 & wait; done'
const claim = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Mi' } } }

function shell(name: string, script: string): Container {
  return { name, image: 'podbay.test/shell:1', imagePullPolicy: 'Never', command: ['sh', '-c', script] }
}
const mounting = (container: Container, name: string, mountPath: string): Container => ({
  ...container,
  volumeMounts: [{ name, mountPath }],
})
const web: Container = {
  name: 'web',
  image: 'podbay.test/http:1',
  imagePullPolicy: 'Never',
  readinessProbe: { httpGet: { path: '/', port: 8080 }, periodSeconds: 1 },
}
const template = (app: string, { rollout }: Size, spec: PodSpec) => ({
  metadata: { labels: { app }, annotations: { rollout: String(rollout) } },
  spec: { terminationGracePeriodSeconds: 1, ...spec },
})
const selector = (app: string) => ({ matchLabels: { app } })

export const service = (name: string): Manifest => ({
  ...core,
  kind: 'Service',
  metadata: { name },
  spec: { selector: { app: name }, ports: [{ port: 80, targetPort: 8080 }] },
})

export const deployment = (name: string, size: Size): Manifest => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name },
  spec: {
    replicas: size.replicas,
    selector: selector(name),
    template: template(name, size, {
      containers: [mounting(web, 'scratch', '/scratch'), shell('beside', idle)],
      volumes: [{ name: 'scratch', emptyDir: {} }],
    }),
  },
})

export const budget = (app: string): Manifest => ({
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  metadata: { name: app },
  spec: { minAvailable: 1, selector: selector(app) },
})

/** Its pods write their names into their volumes whenever they start. */
export const statefulSet = (name: string, size: Size): Manifest => ({
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata: { name },
  spec: {
    replicas: size.replicas,
    serviceName: name,
    selector: selector(name),
    template: template(name, size, {
      containers: [mounting(shell('keeper', `echo $HOSTNAME >>/data/names; ${idle}`), 'data', '/data')],
    }),
    volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: claim }],
  },
})

/** However many of its pods meet with an accident, it completes. */
export const job = (name: string): Manifest => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name },
  spec: {
    completions: 3,
    parallelism: 2,
    backoffLimit: 1_000,
    template: {
      spec: { restartPolicy: 'Never', terminationGracePeriodSeconds: 1, containers: [shell('work', 'sleep 2')] },
    },
  },
})

/** A pod that nobody makes anew: with a volume of its own, or with limits for all its containers together. */
export function alone(name: string, kind: 'claim' | 'cgroup'): Manifest {
  const container = mounting(shell('shell', idle), 'data', '/data')
  const volume = kind === 'claim' ? { ephemeral: { volumeClaimTemplate: { spec: claim } } } : { emptyDir: {} }
  const limits = { cpu: '500m', memory: '64Mi' }
  return {
    ...core,
    kind: 'Pod',
    metadata: { name },
    spec: {
      terminationGracePeriodSeconds: 1,
      containers: [container],
      volumes: [{ name: 'data', ...volume }],
      ...(kind === 'cgroup' && { resources: { limits } }),
    },
  }
}

/** What a static pod's manifest says. */
export const beacon = (version: number): Manifest => ({
  ...core,
  kind: 'Pod',
  metadata: { name: 'beacon', annotations: { version: String(version) } },
  spec: { terminationGracePeriodSeconds: 1, containers: [shell('beacon', idle)] },
})

/** A node beside the first, on the same engine. */
export const dockerNode = (name: string): Manifest => ({
  ...core,
  kind: 'Node',
  metadata: { name, annotations: { [nodeAnnotations.runtime]: 'docker' } },
})
