import { describe, expect, it } from 'vitest'
import type { PodSpec } from '../../../shared/api/core.ts'
import { computePodActions } from './pod-actions.ts'
import type { ContainerHealth } from './pod-actions.ts'
import { aPod, aRecord, aSandbox, exited } from './pod.fixture.ts'
import type { ContainerRecord, Sandbox } from '../runtime.ts'

interface Row {
  name: string
  spec?: Partial<PodSpec>
  sandboxes?: Sandbox[]
  containers?: ContainerRecord[]
  health?: Record<string, ContainerHealth>
  /** `sandbox:attempt`, `killPod`, `kill:message`, `start:name`, `reset:id`; empty when all is as it should be. */
  actions: string[]
}

const init = { name: 'init', image: 'nginx' }
const second = { name: 'second', image: 'nginx' }
const sidecar = { name: 'proxy', image: 'nginx', restartPolicy: 'Always' }
const debugged = { ephemeralContainers: [{ name: 'debug', image: 'nginx' }] }
const twoApps = {
  containers: [
    { name: 'app', image: 'nginx' },
    { name: 'log', image: 'nginx' },
  ],
}
/** A container `app` with a policy of its own, and a rule for one exit code. */
const ruled = (restartPolicy: string, code: number, action = 'Restart') => ({
  restartPolicy: 'Never',
  containers: [
    {
      name: 'app',
      image: 'nginx',
      restartPolicy,
      restartPolicyRules: [{ action, exitCodes: { operator: 'In', values: [code] } }],
    },
    { name: 'log', image: 'nginx' },
  ],
})
const dead = [aSandbox({ state: 'notready', ip: '' })]

const rows: Row[] = [
  { name: 'a new pod gets a sandbox first', sandboxes: [], actions: ['sandbox:0'] },
  { name: 'all containers start in a fresh sandbox', spec: twoApps, actions: ['start:app', 'start:log'] },
  { name: 'what runs is left alone', containers: [aRecord()], actions: [] },
  {
    name: 'what runs outside of the sandbox is replaced',
    spec: twoApps,
    containers: [aRecord({ sandboxId: 'lost' }), aRecord({ name: 'log' })],
    actions: ['kill:Container app is outside of the sandbox of its pod, will be restarted', 'start:app'],
  },
  {
    name: 'a sidecar that runs outside of the sandbox is replaced',
    spec: { initContainers: [sidecar] },
    containers: [aRecord({ name: 'proxy', sandboxId: 'lost' }), aRecord()],
    actions: ['kill:Init container proxy is outside of the sandbox of its pod', 'start:proxy'],
  },
  {
    name: 'what runs outside of the sandbox ends a pod that does not restart',
    spec: { restartPolicy: 'Never' },
    containers: [aRecord({ sandboxId: 'lost' })],
    actions: ['kill:Container app is outside of the sandbox of its pod'],
  },
  {
    name: 'one that was created and not started is started',
    containers: [aRecord({ state: 'created' })],
    actions: ['start:app'],
  },
  { name: 'Always restarts after success', containers: [exited(0)], actions: ['start:app'] },
  {
    name: 'OnFailure restarts after failure',
    spec: { restartPolicy: 'OnFailure' },
    containers: [exited(1)],
    actions: ['start:app'],
  },
  {
    name: 'OnFailure ends the pod after success',
    spec: { restartPolicy: 'OnFailure' },
    containers: [exited(0)],
    actions: ['killPod'],
  },
  {
    name: 'Never ends the pod after failure',
    spec: { restartPolicy: 'Never' },
    containers: [exited(1)],
    actions: ['killPod'],
  },
  {
    name: 'a pod goes on while one container runs',
    spec: { ...twoApps, restartPolicy: 'Never' },
    containers: [exited(0), aRecord({ name: 'log' })],
    actions: [],
  },
  {
    name: 'an ephemeral container starts beside what runs',
    spec: debugged,
    containers: [aRecord()],
    actions: ['start:debug'],
  },
  {
    name: 'an ephemeral container starts before initialization is over',
    spec: { ...debugged, initContainers: [{ name: 'init', image: 'nginx' }] },
    containers: [aRecord({ name: 'init' })],
    actions: ['start:debug'],
  },
  {
    name: 'an ephemeral container that has ended stays so',
    spec: debugged,
    containers: [aRecord(), exited(0, { name: 'debug' })],
    actions: [],
  },
  {
    name: 'an ephemeral container keeps no pod alive',
    spec: { ...debugged, restartPolicy: 'Never' },
    containers: [exited(0), aRecord({ name: 'debug' })],
    actions: ['killPod'],
  },
  { name: 'the newest attempt counts', containers: [exited(1), aRecord({ attempt: 1 })], actions: [] },
  {
    name: 'a dead sandbox is replaced, and what still runs is killed',
    sandboxes: dead,
    containers: [aRecord()],
    actions: ['killPod', 'sandbox:1'],
  },
  {
    name: 'a dead sandbox ends a pod that must not restart',
    spec: { restartPolicy: 'Never' },
    sandboxes: dead,
    containers: [exited(137)],
    actions: ['killPod'],
  },
  {
    name: 'a dead sandbox of a pod that is done is not replaced',
    spec: { restartPolicy: 'OnFailure' },
    sandboxes: dead,
    containers: [exited(0)],
    actions: ['killPod'],
  },
  {
    name: 'a changed image is a new container, even with Never',
    spec: { restartPolicy: 'Never', containers: [{ name: 'app', image: 'nginx:2' }] },
    containers: [aRecord()],
    actions: ['kill:Container app definition changed, will be restarted', 'start:app'],
  },
  {
    name: 'a failed liveness probe restarts',
    containers: [aRecord()],
    health: { 'app-0': { started: true, failed: 'liveness' } },
    actions: ['kill:Container app failed liveness probe, will be restarted', 'start:app'],
  },
  {
    name: 'a failed startup probe only kills with Never',
    spec: { restartPolicy: 'Never' },
    containers: [aRecord()],
    health: { 'app-0': { started: false, failed: 'startup' } },
    actions: ['kill:Container app failed startup probe'],
  },

  {
    name: "a container's own policy comes before the pod's",
    spec: { restartPolicy: 'Never', containers: [{ name: 'app', image: 'nginx', restartPolicy: 'OnFailure' }] },
    containers: [exited(1)],
    actions: ['start:app'],
  },
  {
    name: 'a rule for its exit code comes before both',
    spec: ruled('Never', 42),
    containers: [exited(42), aRecord({ name: 'log' })],
    actions: ['start:app'],
  },
  {
    name: 'a rule says nothing of other codes',
    spec: ruled('Never', 42),
    containers: [exited(1), aRecord({ name: 'log' })],
    actions: [],
  },
  {
    name: 'one that may restart is restarted when its probe fails, whatever the pod says',
    spec: { restartPolicy: 'Never', containers: [{ name: 'app', image: 'nginx', restartPolicy: 'Always' }] },
    containers: [aRecord()],
    health: { 'app-0': { started: true, failed: 'liveness' } },
    actions: ['kill:Container app failed liveness probe, will be restarted', 'start:app'],
  },
  {
    name: 'a failed init container is tried again by its own policy',
    spec: { restartPolicy: 'Never', initContainers: [{ ...init, restartPolicy: 'OnFailure' }] },
    containers: [exited(1, { name: 'init' })],
    actions: ['start:init'],
  },
  {
    name: 'a container that asks for all to run again goes last',
    spec: { ...ruled('Never', 42, 'RestartAllContainers'), initContainers: [init] },
    containers: [exited(0, { name: 'init' }), exited(42), aRecord({ name: 'log' })],
    actions: ['reset:log-0', 'reset:init-0', 'reset:app-0'],
  },

  { name: 'init containers come first', spec: { initContainers: [init, second] }, actions: ['start:init'] },
  {
    name: 'nothing starts while one runs',
    spec: { initContainers: [init, second] },
    containers: [aRecord({ name: 'init' })],
    actions: [],
  },
  {
    name: 'the next starts after success',
    spec: { initContainers: [init, second] },
    containers: [exited(0, { name: 'init' })],
    actions: ['start:second'],
  },
  {
    name: 'apps start after the last',
    spec: { initContainers: [init, second] },
    containers: [exited(0, { name: 'init' }), exited(0, { name: 'second' })],
    actions: ['start:app'],
  },
  {
    name: 'one whose record is gone counts as done when a later one ran',
    spec: { initContainers: [init, second] },
    containers: [exited(0, { name: 'second' })],
    actions: ['start:app'],
  },
  {
    name: 'a failed one is tried again',
    spec: { initContainers: [init] },
    containers: [exited(1, { name: 'init' })],
    actions: ['start:init'],
  },
  {
    name: 'a failed one ends the pod with Never',
    spec: { initContainers: [init], restartPolicy: 'Never' },
    containers: [exited(1, { name: 'init' })],
    actions: ['killPod'],
  },
  {
    name: 'they run again in a new sandbox',
    spec: { initContainers: [init] },
    sandboxes: [aSandbox({ id: 's1', attempt: 1 })],
    containers: [exited(0, { name: 'init' }), exited(137)],
    actions: ['start:init'],
  },
  {
    name: 'they are not missed once an app ran',
    spec: { initContainers: [init] },
    containers: [exited(1)],
    actions: ['start:app'],
  },

  { name: 'a sidecar starts in its turn', spec: { initContainers: [sidecar, init] }, actions: ['start:proxy'] },
  {
    name: 'the next waits until a sidecar has started',
    spec: { initContainers: [sidecar, init] },
    containers: [aRecord({ name: 'proxy' })],
    health: { 'proxy-0': { started: false } },
    actions: [],
  },
  {
    name: 'the next starts beside it',
    spec: { initContainers: [sidecar, init] },
    containers: [aRecord({ name: 'proxy' })],
    actions: ['start:init'],
  },
  {
    name: 'a sidecar that ended is started again beside the apps',
    spec: { initContainers: [sidecar] },
    containers: [exited(0, { name: 'proxy' }), aRecord()],
    actions: ['start:proxy'],
  },
  {
    name: 'a sidecar whose probe fails is told of as an init container',
    spec: { initContainers: [sidecar] },
    containers: [aRecord({ name: 'proxy' }), aRecord()],
    health: { 'proxy-0': { started: true, failed: 'liveness' } },
    actions: ['kill:Init container proxy failed liveness probe', 'start:proxy'],
  },
  {
    name: 'sidecars do not keep a finished pod alive',
    spec: { initContainers: [sidecar], restartPolicy: 'Never' },
    containers: [aRecord({ name: 'proxy' }), exited(0)],
    actions: ['killPod'],
  },
]

describe('computePodActions', () => {
  it.each(rows)('$name', ({ spec = {}, sandboxes = [aSandbox()], containers = [], health = {}, actions }) => {
    const found = computePodActions({
      pod: aPod(spec),
      records: { sandboxes, containers },
      health: id => health[id] ?? { started: true },
    })
    expect([
      ...(found.killPod ? ['killPod'] : []),
      ...(found.sandboxAttempt === undefined ? [] : [`sandbox:${found.sandboxAttempt}`]),
      ...found.kill.map(k => `kill:${k.message}`),
      ...found.start.map(c => `start:${c.name}`),
      ...(found.reset ?? []).map(r => `reset:${r.id}`),
    ]).toEqual(actions)
  })
})
