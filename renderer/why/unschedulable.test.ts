import { describe, expect, it } from 'vitest'
import { parseUnschedulable } from './unschedulable.ts'

describe('parseUnschedulable', () => {
  it('counts nodes by reason, most first', () => {
    const message =
      '0/4 nodes are available: 1 node(s) had untolerated taint {podbay.dev/simulated: }, 2 Insufficient memory, 1 node(s) were unschedulable. preemption: 0/4 nodes are available: 4 Preemption is not helpful for scheduling.'
    const { total, reasons } = parseUnschedulable(message) ?? { total: 0, reasons: [] }
    expect(total).toBe(4)
    expect(reasons.map(r => [r.nodes, r.kind, r.detail])).toEqual([
      [2, 'memory', 'memory'],
      [1, 'taint', 'podbay.dev/simulated'],
      [1, 'cordoned', ''],
    ])
  })
  it('tells resources, affinity and nodes that are not ready apart', () => {
    const message =
      "0/4 nodes are available: 1 Too many pods, 1 Insufficient example.com/gpu, 1 node(s) didn't match Pod's node affinity/selector, 1 node(s) had untolerated taint {node.kubernetes.io/not-ready: }."
    expect(parseUnschedulable(message)?.reasons.map(r => r.kind)).toEqual(['pods', 'resource', 'affinity', 'notReady'])
  })
  it('knows taints that are not named', () => {
    const message = '0/21 nodes are available: 1 Insufficient cpu, 20 node(s) had untolerated taint(s).'
    expect(parseUnschedulable(message)?.reasons.map(r => [r.nodes, r.kind])).toEqual([
      [20, 'taints'],
      [1, 'cpu'],
    ])
  })
  it('takes what is wrong with the pod itself as true of every node', () => {
    const message =
      '0/3 nodes are available: pod has unbound immediate PersistentVolumeClaims. no new claims to deallocate, preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.'
    expect(parseUnschedulable(message)?.reasons).toEqual([
      { nodes: 3, kind: 'volume', detail: '', text: 'pod has unbound immediate PersistentVolumeClaims' },
    ])
  })
  it('knows a cluster without nodes', () => {
    expect(parseUnschedulable('0/0 nodes are available: .')).toEqual({ total: 0, reasons: [] })
  })
  it('leaves other messages alone', () => {
    expect(parseUnschedulable('running PreFilter plugin: boom')).toBeUndefined()
  })
})
