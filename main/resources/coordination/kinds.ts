import { anyKind, type Resource } from '../resource.ts'
import { lease } from './lease.ts'

export const coordinationKinds: readonly Resource[] = [anyKind(lease)]
