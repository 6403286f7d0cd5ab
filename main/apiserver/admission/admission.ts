import type { KubeObject } from '../../../shared/api/object.ts'
import type { StatusError } from '../../../shared/machinery/status.ts'
import type { Resource } from '../../resources/resource.ts'
import type { UserInfo } from '../request.ts'

/** core/v1 PodExecOptions, PodAttachOptions, ServiceProxyOptions... */
export interface ConnectOptions {
  kind: string
  apiVersion: string
  [field: string]: unknown
}

/** The kind of an object, where it is not the resource's own. */
export interface ObjectKind {
  group: string
  version: string
  kind: string
}

/** What admission decides about (admission/v1 AdmissionRequest). */
export interface AdmissionRequest {
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT'
  readonly resource: Resource
  /** '' for the object itself. */
  readonly subresource: string
  readonly namespace: string
  /** '' when the name is still to be generated. */
  readonly name: string
  /** Private to the request; absent for deletions. */
  readonly object: KubeObject | undefined
  readonly old: KubeObject | undefined
  /** Set if the object is not of the resource's kind: policy/v1 Eviction for `pods/eviction`. */
  readonly kind?: ObjectKind
  /** What a CONNECT asks for: core/v1 PodExecOptions and the like, which stand for the object and have no metadata. */
  readonly connect?: ConnectOptions
  readonly user: UserInfo
  readonly dryRun: boolean
  /** Of meta/v1 CreateOptions, UpdateOptions or DeleteOptions what the client has given; made when it is asked for. */
  readonly options?: () => Readonly<Record<string, unknown>>
  readonly warn: (text: string) => void
}

/** Why a request is refused, or undefined. */
type Refusal = StatusError | undefined

/**
 * Mutation runs once more for plugins that see only then what those behind them have changed (upstream's
 * reinvocation.go). One value for both rounds of a request.
 */
export interface Rounds {
  readonly second: boolean
  /** Asks for the second round. There is no third. */
  again(): void
}

/** One admission plugin; `mutate` may change the object. All mutating ones run before the first validating one. */
export interface AdmissionPlugin {
  readonly name: string
  mutate?(request: AdmissionRequest, rounds: Rounds): Refusal | Promise<Refusal>
  validate?(request: AdmissionRequest): Refusal | Promise<Refusal>
}

/** All admission plugins as one. */
export interface Admission {
  /** Throws the first refusal. */
  mutate(request: AdmissionRequest): Promise<void>
  validate(request: AdmissionRequest): Promise<void>
}

/** Runs plugins in their order. */
export function createAdmission(plugins: readonly AdmissionPlugin[]): Admission {
  const mutating = plugins.filter(plugin => plugin.mutate !== undefined)
  const validating = plugins.filter(plugin => plugin.validate !== undefined)
  return {
    async mutate(request) {
      const rounds = { second: false, wanted: false, again: () => void (rounds.wanted = true) }
      await askAll(mutating, plugin => plugin.mutate?.(request, rounds))
      if (!rounds.wanted) return
      rounds.second = true
      await askAll(mutating, plugin => plugin.mutate?.(request, rounds))
    },
    validate: request => askAll(validating, plugin => plugin.validate?.(request)),
  }
}

/** Waits only for plugins that take time: every write asks some twenty. */
async function askAll(
  plugins: readonly AdmissionPlugin[],
  ask: (plugin: AdmissionPlugin) => Refusal | Promise<Refusal>,
): Promise<void> {
  for (const plugin of plugins) {
    const asked = ask(plugin)
    const refusal = asked instanceof Promise ? await asked : asked
    if (refusal) throw refusal
  }
}

/** Whether a request is about the kind itself, not one of its subresources. */
export function concerns(request: AdmissionRequest, group: string, resource: string): boolean {
  const { ref } = request.resource
  return request.subresource === '' && ref.group === group && ref.resource === resource
}
