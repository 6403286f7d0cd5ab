import type { FlowSchema, PriorityLevelConfiguration } from '../../../shared/api/flowcontrol.ts'

type Rule = NonNullable<FlowSchema['spec']['rules']>[number]

/** Every request there can be. */
export const everything: Pick<Rule, 'resourceRules' | 'nonResourceRules'> = {
  resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'], clusterScope: true, namespaces: ['*'] }],
  nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
}

export const groupSubject = (name: string): Rule['subjects'][number] => ({ kind: 'Group', group: { name } })

/** Whoever it is. */
export const everyone = [groupSubject('system:unauthenticated'), groupSubject('system:authenticated')]

/** FlowSchemas that are always there and always the same (apiserver/pkg/apis/flowcontrol/bootstrap). */
export const mandatoryFlowSchemas: Readonly<Record<string, FlowSchema['spec']>> = {
  exempt: {
    priorityLevelConfiguration: { name: 'exempt' },
    matchingPrecedence: 1,
    rules: [{ subjects: [groupSubject('system:masters')], ...everything }],
  },
  'catch-all': {
    priorityLevelConfiguration: { name: 'catch-all' },
    matchingPrecedence: 10_000,
    distinguisherMethod: { type: 'ByUser' },
    rules: [{ subjects: everyone, ...everything }],
  },
}

/** Priority levels that are always there; only how much `exempt` lends may be changed. */
export const mandatoryPriorityLevels: Readonly<Record<string, PriorityLevelConfiguration['spec']>> = {
  'catch-all': {
    type: 'Limited',
    limited: { nominalConcurrencyShares: 5, limitResponse: { type: 'Reject' }, lendablePercent: 0 },
  },
  exempt: { type: 'Exempt', exempt: { nominalConcurrencyShares: 0, lendablePercent: 0 } },
}
