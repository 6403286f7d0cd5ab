import { describe, expect, it } from 'vitest'
import type { Node, Pod, PodSpec } from '../../../shared/api/core.ts'
import { aPod } from '../pod/pod.fixture.ts'
import type { AdmissionInput } from './admission.ts'
import { refusalOf } from './admit.ts'

const node: Node = {
  metadata: { name: 'n1', uid: 'n1', labels: { disk: 'ssd' } },
  spec: { taints: [{ key: 'gone', effect: 'NoExecute' }] },
  status: { allocatable: { cpu: '2', memory: '1Gi', pods: '3', 'example.com/gpu': '1' } },
}
const patient = { tolerations: [{ operator: 'Exists' }] }
const asking = (requests: Record<string, string>, spec: Partial<PodSpec> = {}): Pod =>
  aPod({ containers: [{ name: 'app', image: 'nginx', resources: { requests } }], ...patient, ...spec })
const withPort = (hostPort: number, hostIP?: string): Pod =>
  aPod({
    containers: [{ name: 'app', image: 'nginx', ports: [{ containerPort: 80, hostPort, ...(hostIP && { hostIP }) }] }],
    ...patient,
  })

const answer = (input: Omit<AdmissionInput, 'makeRoom'>) => refusalOf({ ...input, makeRoom: () => undefined })

const withSysctl = (name: string, spec: Partial<PodSpec> = {}): Pod =>
  aPod({ securityContext: { sysctls: [{ name, value: '1' }] }, ...patient, ...spec })
const forbidden = (why: string) => ({ reason: 'SysctlForbidden', message: `forbidden sysctl: ${why}` })

const rows: [string, Pod, Pod[], { reason: string; message: string } | undefined][] = [
  ['a sysctl that touches no other pod', withSysctl('net/ipv4/tcp_syncookies'), [], undefined],
  ['one that does', withSysctl('kernel.msgmax'), [], forbidden('"kernel.msgmax" not allowlisted')],
  [
    "one of the node's network",
    withSysctl('net.ipv4.tcp_rmem', { hostNetwork: true }),
    [],
    forbidden('"net.ipv4.tcp_rmem" not allowed with host Net enabled'),
  ],
  [
    "one of the node's IPC namespace",
    withSysctl('kernel.shm_rmid_forced', { hostIPC: true }),
    [],
    forbidden('"kernel.shm_rmid_forced" not allowed with host IPC enabled'),
  ],
  [
    'groups without those of the image',
    aPod({ securityContext: { supplementalGroupsPolicy: 'Strict' }, ...patient }),
    [],
    {
      reason: 'SupplementalGroupsPolicyNotSupported',
      message: 'SupplementalGroupsPolicy=Strict is not supported in this node',
    },
  ],
  ['a pod that fits', asking({ cpu: '500m', memory: '1Gi' }), [asking({ cpu: '1500m' })], undefined],
  [
    'too little CPU',
    asking({ cpu: '600m' }),
    [asking({ cpu: '1500m' })],
    {
      reason: 'OutOfcpu',
      message: "Node didn't have enough resource: cpu, requested: 600, used: 1500, capacity: 2000",
    },
  ],
  [
    'too little memory',
    asking({ memory: '2Gi' }),
    [],
    {
      reason: 'OutOfmemory',
      message: "Node didn't have enough resource: memory, requested: 2147483648, used: 0, capacity: 1073741824",
    },
  ],
  [
    'too many pods',
    asking({ cpu: '3' }),
    [asking({}), asking({}), asking({})],
    { reason: 'OutOfpods', message: "Node didn't have enough resource: pods, requested: 1, used: 3, capacity: 3" },
  ],
  [
    'too little of an extended resource',
    asking({ 'example.com/gpu': '1' }),
    [asking({ 'example.com/gpu': '1' })],
    {
      reason: 'OutOfexample.com/gpu',
      message: "Node didn't have enough resource: example.com/gpu, requested: 1, used: 1, capacity: 1",
    },
  ],
  [
    'huge pages that it has not',
    asking({ 'hugepages-2Mi': '2Mi' }),
    [],
    {
      reason: 'OutOfhugepages-2Mi',
      message: "Node didn't have enough resource: hugepages-2Mi, requested: 2097152, used: 0, capacity: 0",
    },
  ],
  ['an extended resource that nobody counts here', asking({ 'example.com/other': '1' }), [], undefined],
  [
    'labels that the node has not',
    asking({}, { nodeSelector: { disk: 'hdd' } }),
    [],
    {
      reason: 'NodeAffinity',
      message: "Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector",
    },
  ],
  [
    'a port that is taken on every address',
    withPort(80, '10.0.0.1'),
    [withPort(80)],
    {
      reason: 'NodePorts',
      message: "Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports",
    },
  ],
  ['a port that is taken on another address', withPort(80, '10.0.0.1'), [withPort(80, '10.0.0.2')], undefined],
  [
    'a taint that it does not tolerate',
    aPod(),
    [],
    {
      reason: 'TaintToleration',
      message: "Predicate TaintToleration failed: node(s) had taints that the pod didn't tolerate",
    },
  ],
  [
    'another operating system',
    asking({}, { os: { name: 'windows' } }),
    [],
    { reason: 'PodOSNotSupported', message: "Failed to admit pod as the OS field doesn't match node OS" },
  ],
]

describe('a node asked to take', () => {
  it.each(rows)('%s', (_, pod, others, refusal) => {
    expect(answer({ pod, node, others })).toEqual(refusal)
  })
})

it('a profile of AppArmor needs an engine that has it', () => {
  const pod = aPod({
    securityContext: { appArmorProfile: { type: 'Unconfined' } },
    containers: [{ name: 'app', image: 'nginx', securityContext: { appArmorProfile: { type: 'RuntimeDefault' } } }],
    ...patient,
  })
  const message = 'Cannot enforce AppArmor: AppArmor is not enabled on the host'
  expect(answer({ pod, node, others: [], appArmor: false })).toEqual({ reason: 'AppArmor', message })
  expect(answer({ pod, node, others: [], appArmor: true })).toBeUndefined()
  expect(answer({ pod: aPod({ ...patient }), node, others: [], appArmor: false })).toBeUndefined()
})
