import type { HostStatus } from '../../shared/contract/host.ts'
import type { LinkState } from '../link.ts'
import type { Mark } from './status.ts'

/** A cluster's shape: circle runs, ring starts or reconnects, dash stopped, square failed. */
export function clusterMark(link: LinkState['state'], state: HostStatus['state'] | undefined): Mark {
  if (link !== 'open') return 'pend'
  switch (state) {
    case 'running':
      return 'ok'
    case 'failed':
      return 'err'
    case 'stopping':
      return 'unk'
    case 'starting':
    case undefined:
      return 'pend'
  }
}
