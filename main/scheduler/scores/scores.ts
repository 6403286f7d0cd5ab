import type { Node, Pod } from '../../../shared/api/core.ts'
import { tolerates, type Taint, type Toleration } from '../../../shared/machinery/tolerations.ts'
import { matchesTerm } from '../filters/node-affinity.ts'
import type { NodeInfo } from '../node-infos.ts'
import { scoredRequests, type Amounts } from '../pod-requests.ts'

/** A score plugin: a number per node, the higher the better, from 0 to 100 once normalised. */
interface Score {
  readonly name: string
  readonly weight: number
  of(pod: Pod, infos: readonly NodeInfo[]): number[]
}

const resources = ['cpu', 'memory']

/** The share of the node's CPU and memory that stays free. */
const leastAllocated: Score = {
  name: 'NodeResourcesFit',
  weight: 1,
  of: eachNode((info, wanted) => {
    const free = resources.map(name => Math.max(0, Math.floor((1 - share(info, wanted, name)) * 100)))
    return Math.floor(mean(free))
  }),
}

/** CPU and memory used alike. */
const balancedAllocation: Score = {
  name: 'NodeResourcesBalancedAllocation',
  weight: 1,
  of: eachNode((info, wanted) => {
    const used = resources.map(name => Math.min(1, share(info, wanted, name)))
    const deviation = Math.sqrt(mean(used.map(part => (part - mean(used)) ** 2)))
    return Math.trunc((1 - deviation) * 100)
  }),
}

/** Fewer PreferNoSchedule taints that the pod does not tolerate. */
const taintToleration: Score = {
  name: 'TaintToleration',
  weight: 3,
  of(pod, infos) {
    const tolerations = (pod.spec.tolerations ?? []) as Toleration[]
    const counts = infos.map(
      ({ node }) =>
        ((node.spec?.taints ?? []) as Taint[]).filter(
          taint => taint.effect === 'PreferNoSchedule' && !tolerations.some(each => tolerates(each, taint)),
        ).length,
    )
    return scaled(counts).map(score => (Math.max(...counts) > 0 ? 100 - score : 100))
  },
}

/** The weights of the preferred node affinities that hold. */
const nodeAffinity: Score = {
  name: 'NodeAffinity',
  weight: 2,
  of(pod, infos) {
    const preferred = pod.spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []
    return scaled(
      infos.map(({ node }) =>
        preferred.reduce((sum, { weight, preference }) => sum + (matchesTerm(preference, node) ? weight : 0), 0),
      ),
    )
  },
}

const megabyte = 1024 * 1024
const leastImage = 23 * megabyte
const mostImage = 1000 * megabyte

/** Bytes of the pod's images that the node has; an image on few nodes counts less, or everything would go there. */
const imageLocality: Score = {
  name: 'ImageLocality',
  weight: 1,
  of(pod, infos) {
    const wanted = pod.spec.containers.map(container => container.image ?? '')
    const limit = mostImage * wanted.length
    const sizes = infos.map(({ node }) => imageSizes(node))
    return sizes.map(own => {
      const bytes = wanted.reduce((sum, image) => {
        const spread = sizes.filter(images => images.has(image)).length / infos.length
        return sum + Math.trunc((own.get(image) ?? 0) * spread)
      }, 0)
      const capped = Math.min(Math.max(bytes, leastImage), limit)
      return limit > leastImage ? Math.trunc((100 * (capped - leastImage)) / (limit - leastImage)) : 0
    })
  },
}

const scores: readonly Score[] = [leastAllocated, balancedAllocation, taintToleration, nodeAffinity, imageLocality]

/** The weighted sum of all scores per node, in the order of `infos`. */
export function totalScores(pod: Pod, infos: readonly NodeInfo[]): number[] {
  const columns = scores.map(score => score.of(pod, infos).map(value => value * score.weight))
  return infos.map((_, i) => columns.reduce((sum, column) => sum + (column[i] ?? 0), 0))
}

function eachNode(score: (info: NodeInfo, wanted: Amounts) => number): Score['of'] {
  return (pod, infos) => {
    const wanted = scoredRequests(pod)
    return infos.map(info => score(info, wanted))
  }
}

function share({ allocatable, scored }: NodeInfo, wanted: Amounts, name: string): number {
  const total = allocatable.get(name) ?? 0
  return total === 0 ? 1 : ((scored.get(name) ?? 0) + (wanted.get(name) ?? 0)) / total
}

/** So that the highest becomes 100 (helper.DefaultNormalizeScore). */
function scaled(values: readonly number[]): number[] {
  const most = Math.max(0, ...values)
  return values.map(value => (most === 0 ? 0 : Math.trunc((100 * value) / most)))
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length

function imageSizes(node: Node): Map<string, number> {
  const images = node.status?.images ?? []
  return new Map(images.flatMap(({ names = [], sizeBytes = 0 }) => names.map(name => [name, sizeBytes] as const)))
}
