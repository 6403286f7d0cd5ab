import { anyKind, type Resource } from '../resource.ts'
import { podDisruptionBudget } from './pod-disruption-budget.ts'

export const policyKinds: readonly Resource[] = [anyKind(podDisruptionBudget)]
