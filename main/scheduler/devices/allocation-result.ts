import type { Node } from '../../../shared/api/core.ts'
import type { DeviceClass, ResourceClaim } from '../../../shared/api/resource.ts'
import { concerns, type Allocation, type Choice } from './requests.ts'

interface Chosen {
  choices: readonly Choice[]
  node: Node
  classOf: (name: string) => DeviceClass | undefined
}

/** The allocation as it is written to a claim's status: devices, their configuration, and where they can be used. */
export function resultOf({ spec }: ResourceClaim, { choices, node, classOf }: Chosen): Allocation {
  const requests = [...new Set(choices.map(({ request }) => request))]
  const fromClass = requests.flatMap(({ name, deviceClassName }) =>
    (classOf(deviceClassName)?.spec.config ?? []).map(each => ({ ...each, source: 'FromClass', requests: [name] })),
  )
  const fromClaim = (spec.devices?.config ?? [])
    .filter(each => requests.some(request => concerns(each, request)))
    .map(each => ({ ...each, source: 'FromClaim' }))
  const config = [...fromClass, ...fromClaim]
  const results = choices.map(({ request: { name, adminAccess, tolerations }, offer: { driver, pool, device } }) => ({
    request: name,
    driver,
    pool,
    device: device.name,
    ...(adminAccess && { adminAccess }),
    ...(tolerations?.length && { tolerations }),
  }))
  const nodeSelector = selectorOf(choices, node)
  return { devices: { results, ...(config.length > 0 && { config }) }, ...(nodeSelector && { nodeSelector }) }
}

/** The nodes that reach all of the devices; undefined if every node does. */
function selectorOf(choices: readonly Choice[], node: Node): Allocation['nodeSelector'] {
  const reaches = choices.map(({ offer }) => offer.reach).filter(reach => reach !== 'everywhere')
  if (reaches.includes('node')) {
    const matchFields = [{ key: 'metadata.name', operator: 'In', values: [node.metadata.name] }]
    return { nodeSelectorTerms: [{ matchFields }] }
  }
  // A slice's selector has one term.
  const terms = reaches.flatMap(reach => (reach === 'node' ? [] : reach.nodeSelectorTerms))
  if (terms.length === 0) return undefined
  const matchExpressions = terms.flatMap(term => term.matchExpressions ?? [])
  const matchFields = terms.flatMap(term => term.matchFields ?? [])
  return { nodeSelectorTerms: [{ matchExpressions, matchFields }] }
}
