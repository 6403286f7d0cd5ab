import { nodes, pods, type Pod } from '../../../shared/api/core.ts'
import type { Client } from '../../../shared/client/client.ts'
import { createInformers } from '../../../shared/client/create-informers.ts'
import type { Informer } from '../../../shared/client/informer.ts'
import { keyOf } from '../../../shared/client/key.ts'
import { sleep } from '../../../shared/client/sleep.ts'
import { controllerOf } from '../../../shared/client/watches.ts'
import { systemClock } from '../../../shared/machinery/clock.ts'
import { silent } from '../../../shared/machinery/log.ts'
import { isNotFound, StatusError } from '../../../shared/machinery/status.ts'
import type { Chosen } from '../../config.ts'
import { chooseNodes } from './choose-nodes.ts'

interface Options extends Chosen {
  /** Also what would be lost: pods that no controller makes again, and the data of emptyDirs. */
  force: boolean
  /** Milliseconds; 0 waits for ever. */
  timeout: number
}

/** How long kubectl waits before it asks again for an eviction that a disruption budget does not allow yet. */
const retryAfter = 5_000
const tooManyRequests = 429

/**
 * Cordons nodes and evicts their pods, which honours disruption budgets, then waits until they are gone (kubectl drain).
 * Pods of DaemonSets stay. Throws an Error that names the pods that would be lost, or that are left at the timeout.
 */
export async function drainNodes(client: Client, options: Options): Promise<void> {
  const chosen = await chooseNodes(client, options)
  const names = new Set(chosen.map(({ metadata }) => metadata.name))
  for (const name of names) {
    const body = { spec: { unschedulable: true } }
    await client.patch(nodes, { namespace: '', name }, { type: 'application/merge-patch+json', body })
    console.log(`node ${name} cordoned`)
  }
  await using informers = createInformers({ client, log: silent, clock: systemClock, random: Math.random })
  const informer = informers.informer(pods)
  await informer.synced
  const onThem = informer.list().filter(({ spec }) => names.has(spec.nodeName ?? ''))
  const leaving = onThem.filter(pod => !staysForGood(pod))
  const staying = onThem.length - leaving.length
  if (staying > 0) console.log(`${staying} pods of DaemonSets stay`)
  if (!options.force) refuseLosses(leaving)

  const signal = options.timeout > 0 ? AbortSignal.timeout(options.timeout) : new AbortController().signal
  await Promise.all(leaving.map(pod => evict(pod, { client, informer, signal })))
  if (signal.aborted) {
    const left = leaving.filter(pod => isThere(pod, informer)).map(nameOf)
    throw new Error(`--timeout: after ${options.timeout / 1000} s these pods are still there: ${left.join(', ')}`)
  }
  for (const name of names) console.log(`node ${name} drained`)
}

const nameOf = ({ metadata }: Pod) => `${metadata.namespace ?? ''}/${metadata.name}`
const isOver = ({ status }: Pod) => status?.phase === 'Succeeded' || status?.phase === 'Failed'
const isThere = (pod: Pod, informer: Informer<Pod>) => informer.get(keyOf(pod))?.metadata.uid === pod.metadata.uid

/** A DaemonSet would put it there again at once, and a static pod is the node's own. */
const staysForGood = (pod: Pod) =>
  (controllerOf(pod)?.kind === 'DaemonSet' && !isOver(pod)) ||
  pod.metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined

function refuseLosses(leaving: Pod[]) {
  const open = leaving.filter(pod => !isOver(pod))
  const bare = open.filter(pod => !controllerOf(pod)).map(nameOf)
  const local = open.filter(({ spec }) => spec.volumes?.some(({ emptyDir }) => emptyDir)).map(nameOf)
  const reasons = [
    ...(bare.length > 0 ? [`no controller makes these pods again: ${bare.join(', ')}`] : []),
    ...(local.length > 0 ? [`these pods lose the data of their emptyDirs: ${local.join(', ')}`] : []),
  ]
  if (reasons.length > 0) throw new Error(`${reasons.join('; ')}; --force evicts them all the same`)
}

async function evict(
  pod: Pod,
  { client, informer, signal }: { client: Client; informer: Informer<Pod>; signal: AbortSignal },
) {
  const { name, namespace, uid } = pod.metadata
  const body = {
    apiVersion: 'policy/v1',
    kind: 'Eviction',
    metadata: { name, namespace },
    deleteOptions: { preconditions: { uid } },
  }
  let told = ''
  while (!signal.aborted) {
    try {
      await client.createSubresource(pods, keyOf(pod), 'eviction', body)
      break
    } catch (error) {
      if (isNotFound(error)) break
      if (!(error instanceof StatusError) || error.code !== tooManyRequests) throw error
      if (error.message !== told) console.log(`pod ${nameOf(pod)} can't be evicted yet: ${error.message}`)
      told = error.message
      await sleep(systemClock, retryAfter, signal)
    }
  }
  await informer
    .until(() => !isThere(pod, informer), signal)
    .then(
      () => console.log(`pod ${nameOf(pod)} evicted`),
      () => undefined,
    )
}
