import { anyKind, type Resource } from '../resource.ts'
import { apiService } from './api-service.ts'

/** The kinds of apiregistration.k8s.io. */
export const apiregistrationKinds: readonly Resource[] = [anyKind(apiService)]
