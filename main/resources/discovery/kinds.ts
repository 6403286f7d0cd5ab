import { anyKind, type Resource } from '../resource.ts'
import { endpointSlice } from './endpoint-slice.ts'

export const discoveryKinds: readonly Resource[] = [anyKind(endpointSlice)]
