import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { Pod } from '../../shared/api/core.ts'
import { podInfoOf } from './pod-info.ts'
import { createTestCluster, fitting, place, scoresOf, testNode } from './testing/test-cluster.ts'

/** A cluster, a pod to place, and what kube-scheduler v1.36.0 with its default profile made of it. */
interface Row {
  area: string
  nodes: ({ name: string } & Parameters<typeof testNode>[1])[]
  placed: [Pod, string][]
  nominated?: [Pod, string][]
  pod: Pod
  objects?: Parameters<typeof createTestCluster>[2]
  expected: {
    /** The nodes that would do, sorted; absent if none would. */
    feasible?: string[]
    message?: string
    /** By plugin and node, from 0 to 100; plugins that make no difference are left out. */
    scores?: Record<string, Record<string, number>>
    /** The node where others have to leave, and these, sorted. */
    victims?: string[]
  }
}

const rows = readFileSync(new URL('testdata/upstream.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map(line => JSON.parse(line) as Row)

describe.each(Object.entries(Object.groupBy(rows, row => row.area)))('as kube-scheduler decides: %s', (_, own = []) => {
  test.each(own.map((row, i) => [i, row] as const))('case %i', (_, { nodes, placed, nominated, pod, ...row }) => {
    const cluster = createTestCluster(
      nodes.map(({ name, ...more }) => testNode(name, more)),
      placed,
      row.objects,
    )
    for (const [other, node] of nominated ?? []) cluster.infos.nominate(podInfoOf(other), node)
    const { feasible = [], message = '', scores = {}, victims } = row.expected
    const { preemption, ...decision } = place(pod, cluster)
    expect(fitting(pod, cluster)).toEqual(feasible)
    expect(decision.message).toBe(message)
    for (const [plugin, values] of Object.entries(scores)) expect(scoresOf(pod, cluster, plugin)).toEqual(values)
    const leaving = preemption?.victims.map(({ metadata }) => metadata.name).sort() ?? []
    expect(preemption && [preemption.node, ...leaving]).toEqual(victims)
  })
})
