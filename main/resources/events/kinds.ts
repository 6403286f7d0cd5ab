import { anyKind, type Resource } from '../resource.ts'
import { event } from './event.ts'

export const eventsKinds: readonly Resource[] = [anyKind(event)]
