import type { Pod, PodSpec } from '../../../shared/api/core.ts'
import { containerHash } from '../container/container-hash.ts'
import type { ContainerConfig, ContainerRecord, Sandbox, SandboxConfig } from '../runtime.ts'

/** A pod `default/web` with one container `app` unless the spec says otherwise. */
export function aPod(spec: Partial<PodSpec> = {}, rest: Partial<Pod> = {}): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web', namespace: 'default', uid: 'u1', resourceVersion: '1', generation: 1 },
    spec: { nodeName: 'n1', restartPolicy: 'Always', containers: [{ name: 'app', image: 'nginx' }], ...spec },
    ...rest,
  }
}

const identity = { namespace: 'default', name: 'web', uid: 'u1' }

export function aSandbox(change: Partial<Sandbox> = {}): Sandbox {
  return { id: 's0', pod: identity, attempt: 0, state: 'ready', ip: '10.1.0.2', createdAt: 1000, ...change }
}

/** A running container of the image nginx. */
export function aRecord(change: Partial<ContainerRecord> = {}): ContainerRecord {
  const name = change.name ?? 'app'
  return {
    id: `${name}-${change.attempt ?? 0}`,
    pod: identity,
    sandboxId: 's0',
    name,
    attempt: 0,
    hash: containerHash({ name, image: 'nginx' }),
    image: 'nginx:latest',
    imageRef: 'sha256:1',
    state: 'running',
    createdAt: 1000,
    startedAt: 2000,
    finishedAt: 0,
    exitCode: 0,
    signal: 0,
    reason: '',
    message: '',
    terminationGracePeriodSeconds: 30,
    ...change,
  }
}

/** One that ended with this code. */
export function exited(exitCode: number, change: Partial<ContainerRecord> = {}): ContainerRecord {
  const reason = exitCode === 0 ? 'Completed' : 'Error'
  return aRecord({ state: 'exited', exitCode, reason, finishedAt: 5000, ...change })
}

export const sandboxConfig: SandboxConfig = {
  pod: identity,
  attempt: 0,
  hostname: 'web',
  labels: {},
  annotations: {},
  hostNetwork: false,
  hostPID: false,
  hostIPC: false,
  terminationGracePeriodSeconds: 30,
}

/** A container `app` that asks for nothing special. */
export const containerConfig: ContainerConfig = {
  name: 'app',
  attempt: 0,
  hash: 'cafe',
  image: 'nginx:latest',
  imageId: 'sha256:1',
  imageRef: 'sha256:1',
  env: [],
  mounts: [],
  stdin: false,
  stdinOnce: false,
  tty: false,
  resources: { cpuShares: 2, cpuQuota: 0, memoryLimit: 0, oomScoreAdj: 1000 },
  security: {
    groups: [],
    privileged: false,
    readOnlyRootFilesystem: false,
    allowPrivilegeEscalation: true,
    addCapabilities: [],
    dropCapabilities: [],
    seccomp: true,
    unmasked: false,
  },
  terminationMessagePath: '/dev/termination-log',
  terminationMessagePolicy: 'File',
}
