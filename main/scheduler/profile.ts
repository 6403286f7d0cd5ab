import type { Plugin } from './plugin.ts'
import { plugins } from './plugins/plugins.ts'

/** How the pods that name a scheduler are placed. */
export interface Profile {
  readonly schedulerName: string
  /** In the order in which they are asked: the first with reasons against a node speaks in the Event. */
  readonly filters: readonly Plugin[]
  readonly scores: readonly { readonly plugin: Plugin; readonly weight: number }[]
  /** Whether lower pods are made to leave for a pod that fits nowhere (DefaultPreemption). */
  readonly preempts: boolean
  /** The percentage of nodes that fit which are enough to choose from; 0 goes by the size of the cluster. */
  readonly percentageOfNodesToScore: number
}

/** What pods get that name no scheduler. */
export const defaultProfile: Profile = {
  schedulerName: 'default-scheduler',
  filters: plugins.filter(plugin => 'filter' in plugin),
  scores: plugins.flatMap(plugin => (plugin.score ? [{ plugin, weight: plugin.score.weight }] : [])),
  preempts: true,
  percentageOfNodesToScore: 0,
}
