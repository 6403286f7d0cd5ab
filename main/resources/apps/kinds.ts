import { anyKind, type Resource } from '../resource.ts'
import { deployment } from './deployment.ts'
import { replicaSet } from './replica-set.ts'

export const appsKinds: readonly Resource[] = [anyKind(deployment), anyKind(replicaSet)]
