import type { LimitRange, PersistentVolumeClaim, Pod } from '../../../../shared/api/core.ts'
import { aggregateResources } from '../../../../shared/machinery/pod-resources.ts'
import { compareQuantities, quantityMilli } from '../../../../shared/machinery/quantity.ts'

type Limits = LimitRange['spec']['limits']
type Item = Limits[number]
type ResourceList = Record<string, string>

/** What someone asks for. */
interface Asked {
  requests: ResourceList
  limits: ResourceList
}

/** Why a pod does not fit, in upstream's words (PodValidateLimitFunc). */
export function podViolations({ spec }: Pod, limits: Limits): string[] {
  const containers = [...spec.containers, ...(spec.initContainers ?? [])]
  return limits.flatMap(item => {
    if (item.type === 'Container') {
      return containers.flatMap(({ resources }) =>
        check(item, { requests: resources?.requests ?? {}, limits: resources?.limits ?? {} }),
      )
    }
    if (item.type !== 'Pod') return []
    return check(item, { requests: wholePod(spec, 'requests'), limits: wholePod(spec, 'limits') })
  })
}

/** What the containers ask for together; what the pod asks for as a whole counts before that. */
function wholePod(spec: Pod['spec'], list: 'requests' | 'limits'): ResourceList {
  const own = Object.entries(spec.resources?.[list] ?? {}).filter(([name]) => name === 'cpu' || name === 'memory')
  return { ...aggregateResources(spec, list), ...Object.fromEntries(own) }
}

/** Why a claim does not fit (PersistentVolumeClaimValidateLimitFunc). */
export function claimViolations({ spec }: PersistentVolumeClaim, limits: Limits): string[] {
  const requests = spec.resources?.requests ?? {}
  return limits
    .filter(({ type }) => type === 'PersistentVolumeClaim')
    .flatMap(item => [
      ...each(item.min, rule => tooLittle(rule, item.type, { requests, limits: {} })),
      ...each(item.max, ({ name, bound }) => {
        const usage = `maximum ${name} usage per ${item.type} is ${bound}`
        const request = requests[name]
        if (request === undefined) return `${usage}.  No request is specified`
        return compareQuantities(request, bound) > 0 ? `${usage}, but request is ${request}` : undefined
      }),
    ])
}

function check(item: Item, asked: Asked): string[] {
  return [
    ...each(item.min, rule => tooLittle(rule, item.type, asked)),
    ...each(item.max, rule => tooMuch(rule, item.type, asked)),
    ...each(item.maxLimitRequestRatio, rule => tooFarApart(rule, item.type, asked)),
  ]
}

interface Rule {
  name: string
  bound: string
}

function each(bounds: ResourceList | undefined, violation: (rule: Rule) => string | undefined): string[] {
  return Object.entries(bounds ?? {}).flatMap(([name, bound]) => violation({ name, bound }) ?? [])
}

function tooLittle({ name, bound }: Rule, type: string, { requests, limits }: Asked): string | undefined {
  const usage = `minimum ${name} usage per ${type} is ${bound}`
  const [request, limit] = [requests[name], limits[name]]
  if (request === undefined) return `${usage}.  No request is specified`
  if (compareQuantities(request, bound) < 0) return `${usage}, but request is ${request}`
  return limit !== undefined && compareQuantities(limit, bound) < 0 ? `${usage}, but limit is ${limit}` : undefined
}

function tooMuch({ name, bound }: Rule, type: string, { requests, limits }: Asked): string | undefined {
  const usage = `maximum ${name} usage per ${type} is ${bound}`
  const [request, limit] = [requests[name], limits[name]]
  if (limit === undefined) return `${usage}.  No limit is specified`
  if (compareQuantities(limit, bound) > 0) return `${usage}, but limit is ${limit}`
  return request !== undefined && compareQuantities(request, bound) > 0
    ? `${usage}, but request is ${request}`
    : undefined
}

function tooFarApart({ name, bound }: Rule, type: string, { requests, limits }: Asked): string | undefined {
  const ratio = `${name} max limit to request ratio per ${type} is ${bound}`
  const [request, limit] = [quantityMilli(requests[name] ?? '0'), quantityMilli(limits[name] ?? '0')]
  if (request === 0) return `${ratio}, but no request is specified or request is 0`
  if (limit === 0) return `${ratio}, but no limit is specified or limit is 0`
  const found = limit / request
  return found * 1000 > quantityMilli(bound) ? `${ratio}, but provided ratio is ${found.toFixed(6)}` : undefined
}
