import type { MatchResources } from '../../../../shared/api/admissionregistration.ts'
import { StatusError } from '../../../../shared/machinery/status.ts'
import type { Store } from '../../../store/store.ts'
import type { ResourceIndex } from '../../registry/resource-index.ts'
import type { AdmissionRequest } from '../admission.ts'
import { matchRules, type Place } from './rules.ts'
import { matchesNamespace, matchesObject } from './selectors.ts'

/** Decides which requests webhooks, policies and bindings are asked about. */
export interface Matcher {
  /**
   * The place that the criteria ask for the request under, or undefined. Criteria without resourceRules ask about
   * everything that is not excluded. Throws 404 when the request's namespace is missing and its labels decide.
   */
  match(request: AdmissionRequest, criteria: MatchResources): Place | undefined
}

/** Matches by what the store and the index hold at that moment (apiserver/pkg/admission/plugin/policy/matching). */
export function createMatcher({ store, index }: { store: Store; index: ResourceIndex }): Matcher {
  const equivalents = createEquivalents(index)
  return {
    match(request, criteria) {
      const { matchPolicy, resourceRules = [], excludeResourceRules = [] } = criteria
      // The rules come first: they are cheap and refuse most requests.
      if (matchRules(request, { rules: excludeResourceRules, matchPolicy, equivalents })) return undefined
      const place =
        resourceRules.length === 0
          ? request.resource.ref
          : matchRules(request, { rules: resourceRules, matchPolicy, equivalents })
      if (!place || !matchesObject(request, criteria.objectSelector)) return undefined
      const selected = matchesNamespace(store, request, criteria.namespaceSelector)
      if (selected instanceof StatusError) throw selected
      return selected ? place : undefined
    },
  }
}

/** The places of one set of stored objects: the other versions of a kind, and the two groups of Event. */
function createEquivalents(index: ResourceIndex): (place: Place) => readonly Place[] {
  let generation = -1
  let groups = new Map<string, Place[]>()
  return place => {
    if (index.generation !== generation) {
      generation = index.generation
      groups = Map.groupBy(
        index.all().map(resource => resource.ref),
        storageOf,
      )
    }
    return (groups.get(storageOf(place)) ?? []).filter(
      ({ group, version }) => group !== place.group || version !== place.version,
    )
  }
}

const storageOf = ({ group, resource }: Place) =>
  resource === 'events' && group === 'events.k8s.io' ? '/events' : `${group}/${resource}`

/**
 * Requests about the configuration of admission itself: webhooks and policies are not asked about them, or nobody could
 * repair a broken one (predicates/rules IsExemptAdmissionConfigurationResource).
 */
export function isExempt({ resource: { ref } }: AdmissionRequest): boolean {
  return ref.group === 'admissionregistration.k8s.io'
}
