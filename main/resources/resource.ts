import type { KubeObject, StatusCause } from '../../shared/api/object.ts'
import { apiVersionOf, type ResourceRef } from '../../shared/api/ref.ts'
import type { JsonObject } from '../../shared/machinery/json-value.ts'
import type { Schema } from '../../shared/machinery/schema.ts'

export type Verb = 'create' | 'get' | 'list' | 'watch' | 'update' | 'patch' | 'delete' | 'deletecollection'

/** What a strategy may know about the request it serves. */
export interface StrategyContext {
  now: number
  random: () => number
  user: string
  /** Adds a Warning header to the answer. */
  warn: (text: string) => void
}

/** How a custom resource is read: by its structural schema, as a client sent it, nulls and all. */
export interface StructuralForm {
  /** Why a value can't be an object of the kind (its metadata have wrong types), as Go's decoder says it; undefined if it can. */
  fault(value: JsonObject): string | undefined
  /** Removes in place what the schema does not specify; the paths of what it was. */
  prune(value: JsonObject): string[]
}

/** A column of `kubectl get`. `priority` 1 shows only with `-o wide`. */
export interface Column<T extends KubeObject> {
  name: string
  type: 'string' | 'integer' | 'number' | 'boolean' | 'date'
  format?: string
  description?: string
  priority?: 0 | 1
  /** Times are RFC 3339 for `date` columns of CRDs; built-in Age cells are text as upstream prints it ("5m"). */
  cell(object: T, now: number): string | number | boolean | null
}

/** Which fields of a kind `/scale` reads and writes (autoscaling/v1 Scale). */
export interface ScalePaths {
  specReplicas: string[]
  statusReplicas: string[]
  /** A LabelSelector at this path, printed in its string form, or one that is printed already. */
  selector: string[]
  /** True: at `selector` is a map of labels. */
  plainSelector?: true
}

/**
 * How a kind that is served in several versions or groups is kept in the form of one of them: `T` is the form that is
 * served, `S` the one that is stored (HorizontalPodAutoscaler v1 in v2's; Events of both groups in the core group's).
 * Every resource of the kind but the stored one has a StorageForm (see `storedAs`); the stored one has none and pays
 * nothing. All else in a Resource (schema, defaults, validation, columns, fields, scale) speaks its own version: the
 * registry hands hooks, admission, selectors and Tables objects of the version of the URL. A custom resource has one for
 * each version, the stored one too, since what is in the store may be of an older version or schema.
 */
export interface StorageForm<T extends KubeObject = KubeObject, S extends KubeObject = KubeObject> {
  /** Whose keys the objects have, and whose form they are written in. */
  readonly ref: ResourceRef<S>
  /**
   * Objects of the store, which are frozen and shared, in the served form, in their order. One that already has it is
   * returned as it is, and then its stored bytes are the answer. What can't be converted throws or rejects.
   */
  fromStorage(objects: readonly KubeObject[]): readonly T[] | Promise<readonly T[]>
  /** A new object in the stored form; must not change its argument. */
  toStorage(object: T): S | Promise<S>
}

/**
 * The form of a built-in kind that is stored as `ref`, by two pure functions that must not change what they are given.
 * They convert what is below the object and may share its metadata; apiVersion and kind are seen to here.
 */
export function storedAs<T extends KubeObject, S extends KubeObject>(
  own: ResourceRef<T>,
  ref: ResourceRef<S>,
  { from, to }: { from: (stored: S) => T; to: (object: T) => S },
): StorageForm<T, S> {
  return {
    ref,
    fromStorage: objects =>
      objects.map(object => ({ ...from(object as S), apiVersion: apiVersionOf(own), kind: own.kind })),
    toStorage: object => ({ ...to(object), apiVersion: apiVersionOf(ref), kind: ref.kind }),
  }
}

/** The ref under which the objects of a kind are stored. */
export function storageRefOf({ ref, stored }: Pick<Resource, 'ref' | 'stored'>): ResourceRef {
  return stored?.ref ?? ref
}

/** The strategy of a subresource; `prepareForUpdate` puts back what it must not change. */
interface Part<T extends KubeObject> {
  prepareForUpdate: (object: T, old: T, context: StrategyContext) => void
  validateUpdate: (object: T, old: T) => StatusCause[]
  warnings?: (object: T, old: T) => string[]
}

/**
 * Everything the server knows about one kind; what is left out does nothing. The hooks run in upstream's order
 * (apiserver/pkg/registry/rest): decode, setDefaults, prepareFor*, validate. `setDefaults` and `prepareFor*` may mutate
 * the object they are given, which is private to the request; `validate*` never mutate and never throw.
 * A CustomResourceDefinition yields the same value at run time.
 */
export interface Resource<T extends KubeObject = KubeObject> {
  readonly ref: ResourceRef<T>
  /** Present: the objects are stored in the form of another version or group. */
  readonly stored?: StorageForm<T>
  readonly singularName: string
  /** `${kind}List` unless said otherwise. */
  readonly listKind?: string
  readonly shortNames: readonly string[]
  readonly categories: readonly string[]
  readonly verbs: readonly Verb[]
  /** True while the kind is going: discovery does not tell of verbs that make or change objects. */
  readonly isTerminating?: boolean
  /** Said as a warning in every answer (apiserver/pkg/endpoints/deprecation). */
  readonly deprecation?: string
  /** Read on first use: a kind that nobody asks for costs nothing. */
  readonly schema: () => Schema
  /** Present for custom resources: built-in kinds are decoded and normalised by `schema`. */
  readonly structural?: StructuralForm
  /** The schema that a CustomResourceDefinition has for the kind, which OpenAPI publishes. */
  readonly published?: Schema
  /** True: finalizers need no domain (custom resources and their definitions). */
  readonly anyFinalizer?: boolean
  readonly setDefaults?: (object: T) => void
  readonly prepareForCreate?: (object: T, context: StrategyContext) => void
  readonly prepareForUpdate?: (object: T, old: T, context: StrategyContext) => void
  /** What a deletion does to the object that it marks, whose parts are shared with the old one; a finalizer keeps it. */
  readonly prepareForDelete?: (object: T, context: StrategyContext) => void
  readonly validate?: (object: T) => StatusCause[]
  readonly validateUpdate?: (object: T, old: T) => StatusCause[]
  /**
   * What a client is told of an object that is valid, in Warning headers (WarningsOnCreate, and WarningsOnUpdate with the
   * old object).
   */
  readonly warnings?: (object: T, old: T | undefined) => string[]
  /** Upstream's name check for this kind: DNS subdomain unless said otherwise. */
  readonly validateName?: (name: string) => string[]
  /** Present: the kind has `/status`; ordinary writes keep the old status, status writes keep everything else. */
  readonly status?: {
    prepareForUpdate?: (object: T, old: T, context: StrategyContext) => void
    validateUpdate?: (object: T, old: T) => StatusCause[]
    warnings?: (object: T, old: T) => string[]
  }
  /** Subresources by which a part of the object is changed, each with the hooks in the place of the kind's own (pods/resize). */
  readonly parts?: Readonly<Record<string, Part<T>>>
  readonly scale?: ScalePaths
  /** Selectable fields beside metadata.name and metadata.namespace. */
  readonly fields?: Readonly<Record<string, (object: T) => string>>
  readonly columns: readonly Column<T>[]
  /** Seconds until the object may go (pods); undefined or 0 deletes at once. */
  readonly gracePeriod?: (object: T, asked: number | undefined) => number
  /** A deletion that says nothing about dependents leaves them (ReplicationController and Job, as in their first version). */
  readonly orphansByDefault?: true
  /** False: nothing depends on the objects, whatever a deletion says of dependents (GarbageCollectionPolicy Unsupported). */
  readonly hasDependents?: false
  /** Said as a warning when a deletion says nothing about dependents. */
  readonly orphanWarning?: string
  /** PUT on a name that is free creates the object (upstream's AllowCreateOnUpdate). */
  readonly createOnUpdate?: boolean
  /** False: PUT must name the resourceVersion that it replaces (upstream's AllowUnconditionalUpdate, true by default here). */
  readonly unconditionalUpdate?: false
  /** True for Leases: acknowledged before they are on disk. */
  readonly volatile?: boolean
}

type Given<T extends KubeObject> = Partial<Omit<Resource<T>, 'ref' | 'schema'>> & Pick<Resource<T>, 'schema'>

const allVerbs: readonly Verb[] = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch']

/** Completes the description of a kind. */
export function defineResource<T extends KubeObject>(ref: ResourceRef<T>, given: Given<NoInfer<T>>): Resource<T> {
  return {
    singularName: ref.kind.toLowerCase(),
    shortNames: [],
    categories: [],
    verbs: allVerbs,
    columns: [],
    ...given,
    ref,
  }
}

/**
 * The registry keeps kinds of all types in one list. It hands every hook an object of the hook's own kind, which the type
 * system can't know: this is the one place where the types are let go.
 */
export function anyKind<T extends KubeObject>(resource: Resource<T>): Resource {
  return resource as unknown as Resource
}
