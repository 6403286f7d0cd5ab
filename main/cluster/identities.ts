import type { UserInfo } from '../apiserver/request.ts'

/** A component of this process: upstream's user name for the journal, and all rights, since it is the cluster itself. */
export function systemMasters(name: string): UserInfo {
  return { name, groups: ['system:masters', 'system:authenticated'] }
}
