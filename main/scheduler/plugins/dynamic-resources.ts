import { unresolvable, type Plugin } from '../plugin.ts'

const refused = unresolvable('cannot allocate all claims')

/**
 * Pods with resource claims (dynamicresources/dynamicresources.go). This scheduler allocates no devices, so no node will
 * do, in the words that upstream has for a node without fitting devices.
 */
export const dynamicResources: Plugin = {
  name: 'DynamicResources',
  filter: ({ pod }) => ((pod.spec.resourceClaims ?? []).length > 0 ? { reasons: () => refused } : undefined),
}
