import { anyKind, type Resource } from '../resource.ts'
import { flowSchema } from './flow-schema.ts'
import { priorityLevelConfiguration } from './priority-level-configuration.ts'

export const flowcontrolKinds: readonly Resource[] = [anyKind(flowSchema), anyKind(priorityLevelConfiguration)]
