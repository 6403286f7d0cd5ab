import { anyKind, type Resource } from '../resource.ts'
import { priorityClass } from './priority-class.ts'

export const schedulingKinds: readonly Resource[] = [anyKind(priorityClass)]
