import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { HorizontalPodAutoscaler, HorizontalPodAutoscalerV1 } from '../../../shared/api/autoscaling.ts'
import { fromV2, toV2 } from './v1-conversion.ts'

/** What kube-apiserver v1.36.0's own conversion makes of an autoscaler in v1, and of that in v2 again. */
interface Example {
  v2: HorizontalPodAutoscaler
  v1: HorizontalPodAutoscalerV1
  back: HorizontalPodAutoscaler
}

const examples = readFileSync(new URL('../testdata/autoscaling-v1.jsonl', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n')
  .map(line => JSON.parse(line) as Example)

/** Without zero values; annotations are JSON with their keys in any order. */
function bare(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(bare)
  if (typeof value === 'string' && /^[[{]/.test(value)) return bare(JSON.parse(value))
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([key, field]): [string, unknown] => [key, bare(field)])
  const isZero = (field: unknown) =>
    !field || (typeof field === 'object' && !Array.isArray(field) && Object.keys(field).length === 0)
  return Object.fromEntries(entries.filter(([, field]) => !isZero(field)))
}

test.each(examples)('both ways $#', ({ v1, v2, back }) => {
  expect(bare(fromV2(v2))).toEqual(bare(v1))
  expect(bare(toV2(v1))).toEqual(bare(back))
})

test('an annotation that is not JSON counts as none', () => {
  const object = structuredClone(examples[0]?.v1)
  if (!object) throw new Error('no example')
  object.metadata.annotations = { 'autoscaling.alpha.kubernetes.io/metrics': '{', kept: 'yes' }
  object.spec.targetCPUUtilizationPercentage = 40
  const { metadata, spec } = toV2(object)
  expect(metadata.annotations).toEqual({ kept: 'yes' })
  expect(spec.metrics).toHaveLength(1)
})
