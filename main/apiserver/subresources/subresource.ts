import type { Resource } from '../../resources/resource.ts'
import type { ServerResponse } from '../request.ts'
import type { ResourceCall } from '../verbs/resource-call.ts'

export type Act = (call: ResourceCall) => ServerResponse | Promise<ServerResponse>
type SubresourceVerb = 'create' | 'delete' | 'get' | 'update' | 'patch'

/** What can be done below an object's URL. */
export interface Subresource {
  /** The last part of the URL: `scale`. */
  readonly name: string
  /** What it speaks: the parent's kind or another one (`autoscaling/v1 Scale`). */
  readonly kind: string
  /** Set when the kind is of another group or version than the parent. */
  readonly group?: string
  readonly version?: string
  readonly verbs: Readonly<Partial<Record<SubresourceVerb, Act>>>
  /** Answers every method in the verbs' place, and takes what follows in the path for its own. */
  readonly connect?: Act
}

/** The subresources of each kind. */
export type Subresources = (resource: Resource) => readonly Subresource[]
