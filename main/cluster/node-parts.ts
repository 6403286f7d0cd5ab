import type { KubeletOptions } from '../kubelet/kubelet-options.ts'
import type { VolumeStore } from '../kubelet/provisioner/volume-store.ts'
import type { KubeletSettings } from '../kubelet/settings.ts'

/** What differs between a node on Docker and a simulated one. */
export interface NodeParts
  extends
    AsyncDisposable,
    Pick<KubeletOptions, 'runtime' | 'volumes' | 'network' | 'dial' | 'logFiles' | 'pullRecords'> {
  volumeStore: VolumeStore
  addresses: KubeletSettings['addresses']
}
