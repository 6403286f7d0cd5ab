import { nodes, persistentVolumeClaims, persistentVolumes } from '../../../shared/api/core.ts'
import type { PersistentVolume } from '../../../shared/api/core.ts'
import type { Controller, ControllerContext } from '../../../shared/client/controller.ts'
import { keyOf } from '../../../shared/client/key.ts'
import { mapped } from '../../../shared/client/watches.ts'
import { provisionedBy, selectedNode, storageProvisioner } from '../../../shared/machinery/persistent-volumes.ts'
import { abortable } from '../abortable.ts'
import { expandClaim } from './expand-claim.ts'
import { provisionerName, type ProvisionerOptions } from './options.ts'
import { provisionClaim, volumeNameOf } from './provision-claim.ts'
import { reclaimVolume } from './reclaim-volume.ts'

/**
 * Makes, enlarges and deletes the volumes of one node for StorageClasses of ours, as an external provisioner that is
 * deployed on every node (sig-storage-lib-external-provisioner, external-resizer): claims say which node was chosen, the
 * volumes' node affinity says which node has them. What no node is named in is done by the first node that is ready, one
 * with an engine if there is any.
 */
export function volumeProvisioner(options: ProvisionerOptions): Controller {
  return {
    name: provisionerName,
    watches: [
      mapped(persistentVolumeClaims, ({ metadata, spec }) => [
        { namespace: metadata.namespace ?? '', name: metadata.name },
        ...(spec.volumeName ? [{ namespace: '', name: spec.volumeName }] : []),
      ]),
      mapped(persistentVolumes, volume => {
        const { namespace = '', name } = volume.spec.claimRef ?? {}
        return [keyOf(volume), ...(name === undefined ? [] : [{ namespace, name }])]
      }),
      { ref: persistentVolumeClaims, keys: ({ now }) => (now ? [] : [leftovers]) },
      mapped(nodes, ({ metadata }) => (metadata.name === options.nodeName ? [leftovers] : [])),
      // A node that comes, goes or fails may leave work to this one.
      mapped(nodes, (_, informers) => [
        ...informers.informer(persistentVolumes).list().filter(isOurs).map(keyOf),
        ...informers
          .informer(persistentVolumeClaims)
          .list()
          .filter(
            ({ metadata, spec }) => metadata.annotations?.[storageProvisioner] === provisionerName && !spec.volumeName,
          )
          .map(keyOf),
      ]),
    ],

    async reconcile(key, context) {
      if (key.name === leftovers.name) {
        // Nobody waits for it: an engine that does not answer must hold up no end.
        await abortable(options.store.removeEmpty(inUse(context)), context.signal)
        return
      }
      if (key.namespace === '') {
        const volume = context.informers.informer(persistentVolumes).get(key)
        if (volume && isOurs(volume) && isTaskOf(options.nodeName, nodeOf(volume), context))
          await reclaimVolume(volume, options, context)
        return
      }
      const claim = context.informers.informer(persistentVolumeClaims).get(key)
      if (!claim || claim.metadata.deletionTimestamp) return
      const { annotations } = claim.metadata
      if (annotations?.[storageProvisioner] !== provisionerName) return
      if (claim.spec.volumeName) {
        const volume = context.informers.informer(persistentVolumes).get({ namespace: '', name: claim.spec.volumeName })
        if (volume && isOurs(volume) && isTaskOf(options.nodeName, nodeOf(volume), context))
          await expandClaim(claim, volume, context)
      } else if (isTaskOf(options.nodeName, annotations[selectedNode], context))
        await provisionClaim(claim, options, context)
    },
  }
}

/**
 * A volume whose claim was deleted before the volume's object was written, e.g. because this process or the engine ended
 * in between. Only one without data can be such; data that was to be retained has no object either.
 */
const leftovers = { namespace: '', name: '' }

/** Asked anew for each: a claim is known before it is given a volume. */
const inUse =
  ({ informers }: ControllerContext) =>
  (name: string) =>
    informers.informer(persistentVolumes).get({ namespace: '', name }) !== undefined ||
    informers
      .informer(persistentVolumeClaims)
      .list()
      .some(claim => volumeNameOf(claim) === name)

const isOurs = ({ metadata }: PersistentVolume) => metadata.annotations?.[provisionedBy] === provisionerName

/** The node that has a volume, by the node affinity that it was made with. */
function nodeOf({ spec }: PersistentVolume): string | undefined {
  const [term] = spec.nodeAffinity?.required?.nodeSelectorTerms ?? []
  return term?.matchExpressions?.find(({ key }) => key === 'kubernetes.io/hostname')?.values?.[0]
}

/** Whether something is this node's to do: it is named, or it is the first ready one and no node of that name is there. */
function isTaskOf(own: string, named: string | undefined, { informers }: ControllerContext): boolean {
  if (named === own) return true
  const all = informers.informer(nodes).list()
  if (named !== undefined && all.some(({ metadata }) => metadata.name === named)) return false
  const isReady = ({ status }: (typeof all)[number]) =>
    status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True')
  const ready = all.filter(isReady)
  const withEngine = ready.filter(({ status }) => !status?.nodeInfo?.containerRuntimeVersion.startsWith('simulated://'))
  const [first] = (withEngine.length > 0 ? withEngine : ready).map(({ metadata }) => metadata.name).sort()
  return first === own
}
