import type { PodNetwork, VolumeHost } from '../host.ts'
import type { VolumeStore } from '../provisioner/volume-store.ts'

/** Volumes of a node where nothing reads them: paths without files. */
export function createSimulatedVolumes(): VolumeHost {
  const uids = new Set<string>()
  const path = (podUid: string, name: string) => {
    uids.add(podUid)
    return `/simulated/pods/${podUid}/${name}`
  }
  return {
    directory: async (podUid, volume) => path(podUid, volume),
    project: async (podUid, volume) => path(podUid, volume),
    subPath: async (volumePath, below) => `${volumePath}/${below}`,
    hostPath: async path => path,
    localPath: async path => path,
    nfs: async (podUid, volume) => path(podUid, volume),
    image: async (podUid, volume) => path(podUid, volume),
    files: async (podUid, files) => files.map(({ name }) => path(podUid, name)),
    read: async () => new Uint8Array(),
    usage: async () => new Map(),
    async removePod(podUid) {
      uids.delete(podUid)
    },
    pods: async () => [...uids],
  }
}

/** Volumes that outlive simulated pods: there is nothing to keep. */
export const simulatedVolumeStore: VolumeStore = {
  create: async name => `/simulated/volumes/${name}`,
  async remove() {},
  async removeEmpty() {},
}

/** A network that nothing is sent over. */
export const simulatedNetwork: PodNetwork = { async setUp() {}, async tearDown() {} }
