import { anyKind, type Resource } from '../resource.ts'
import { runtimeClass } from './runtime-class.ts'

export const nodeKinds: readonly Resource[] = [anyKind(runtimeClass)]
