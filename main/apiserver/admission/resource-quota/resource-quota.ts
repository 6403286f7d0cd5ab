import { resourceQuotas, type ResourceQuota } from '../../../../shared/api/core.ts'
import type { Client } from '../../../../shared/client/client.ts'
import type { Clock } from '../../../../shared/machinery/clock.ts'
import { quotaEvaluatorOf } from '../../../../shared/machinery/quota/evaluators.ts'
import { forbidden, type StatusError } from '../../../../shared/machinery/status.ts'
import type { Store } from '../../../store/store.ts'
import { subjectOf } from '../../registry/core.ts'
import { prefixOf } from '../../registry/key.ts'
import { recordKey } from '../../registry/records.ts'
import type { AdmissionPlugin } from '../admission.ts'
import { checkQuotas, type Charge } from './check-quotas.ts'

interface Options {
  store: Store
  /** The server's own way to the API, by which it writes what is in use; asked for with each write. */
  client: () => Pick<Client, 'update'>
  clock: Clock
}

interface Waiting extends Charge {
  /** Lets the request in, or tells why not. */
  decide: (refusal: StatusError | undefined) => void
  fail: (error: unknown) => void
}

/** How often quotas that someone else has written meanwhile are read again. */
const attempts = 4

/**
 * Charges quotas for what is created or grows, and refuses what does not fit (apiserver/pkg/admission/plugin/resourcequota).
 * It runs last, so that nothing is charged that another plugin refuses. The requests of a namespace that come together
 * are decided together and charged in one write before any of them goes on: side by side they can't overshoot. What is
 * charged for a write that comes to nothing is given back by the controller.
 */
export function resourceQuotaAdmission({ store, client, clock }: Options): AdmissionPlugin {
  const queues = new Map<string, Waiting[]>()

  const quotasOf = async (namespace: string) => {
    const { entries } = await store.list(prefixOf(resourceQuotas, namespace))
    return entries.map(({ object }) => object as ResourceQuota)
  }

  async function decideAll(namespace: string): Promise<void> {
    for (let batch = queues.get(namespace) ?? []; batch.length > 0; batch = queues.get(namespace) ?? []) {
      queues.set(namespace, [])
      try {
        await decide(batch, await quotasOf(namespace), namespace)
      } catch (error) {
        for (const waiting of batch) waiting.fail(error)
      }
    }
    queues.delete(namespace)
  }

  /** Lets in what needs no charge, refuses what does not fit, and charges for the rest at once. */
  async function decide(batch: Waiting[], quotas: readonly ResourceQuota[], namespace: string): Promise<void> {
    let waiting = batch
    let before = quotas
    for (let attempt = 1; waiting.length > 0; attempt++) {
      const { after, charged } = tally(before, waiting, clock.now())
      const { failed, error } = await write(before, after)
      if (failed.size === 0) {
        for (const { decide: letIn } of charged) letIn(undefined)
        return
      }
      if (attempt === attempts) throw error
      // Quotas that were written are charged; one that is gone limits nothing.
      before = (await quotasOf(namespace)).filter(({ metadata }) => failed.has(metadata.name))
      waiting = charged
    }
  }

  async function write(
    before: readonly ResourceQuota[],
    after: readonly ResourceQuota[],
  ): Promise<{ failed: ReadonlySet<string>; error?: unknown }> {
    const changed = after.filter((quota, i) => quota !== before[i])
    const writer = client()
    const outcomes = await Promise.allSettled(changed.map(quota => writer.update(resourceQuotas, quota, 'status')))
    const failures = outcomes.flatMap((outcome, i) =>
      outcome.status === 'rejected'
        ? [{ name: changed[i]?.metadata.name ?? '', error: outcome.reason as unknown }]
        : [],
    )
    return { failed: new Set(failures.map(({ name }) => name)), error: failures[0]?.error }
  }

  return {
    name: 'ResourceQuota',
    validate(request) {
      const { namespace, object, old, operation, subresource, resource } = request
      if (namespace === '' || !object || store.count(prefixOf(resourceQuotas, namespace)) === 0) return undefined
      const evaluator = resource.ref.kind === 'Namespace' ? undefined : quotaEvaluatorOf(resource.ref)
      if (!evaluator?.handles({ operation, subresource, object, old })) return undefined
      // It is about to fail, which is not known to the quotas.
      if (operation === 'CREATE' && store.get(recordKey(resource, { namespace, name: object.metadata.name })))
        return undefined
      return new Promise((decided, fail) => {
        const waiting: Waiting = { request: { ...request, object }, evaluator, decide: decided, fail }
        const queue = queues.get(namespace)
        if (queue) queue.push(waiting)
        else {
          queues.set(namespace, [waiting])
          void decideAll(namespace)
        }
      })
    },
  }
}

/** The quotas after all that fit, and those of the requests that are to be charged; the others are decided. */
function tally(quotas: readonly ResourceQuota[], batch: readonly Waiting[], now: number) {
  let after = quotas
  const charged: Waiting[] = []
  for (const waiting of batch) {
    const { request, decide } = waiting
    const checked = checkQuotas(after, waiting, now)
    if ('refused' in checked) decide(forbidden(subjectOf(request.resource, request.name), checked.refused))
    else if (checked.quotas === after || request.dryRun) decide(undefined)
    else {
      after = checked.quotas
      charged.push(waiting)
    }
  }
  return { after, charged }
}
