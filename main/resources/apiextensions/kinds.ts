import { anyKind, type Resource } from '../resource.ts'
import { customResourceDefinition } from './custom-resource-definition.ts'

export const apiextensionsKinds: readonly Resource[] = [anyKind(customResourceDefinition)]
