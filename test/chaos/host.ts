import { globSync, readdirSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { hostRoot } from '../../main/kubelet/docker/agent/host-root.ts'
import { cgroupName } from '../../main/kubelet/docker/agent/pod-cgroup-script.ts'

/** Names of the clusters that have files on this machine. */
export const clustersOnHost = (): string[] => readdirSync(hostRoot)

/** Uids of the pods of all nodes that have a directory. */
export const directoriesOf = (cluster: string): string[] =>
  globSync(`${hostRoot}/${cluster}/*/pods/*`).map(path => basename(path))

/** What is mounted in pods' directories. */
export function mountsOf(cluster: string): { path: string; podUid: string }[] {
  const paths = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .flatMap(line => line.split(' ')[4] ?? [])
  return paths.flatMap(path => {
    const [, podUid] = path.startsWith(`${hostRoot}/${cluster}/`) ? (/\/pods\/([^/]+)\//.exec(path) ?? []) : []
    return podUid === undefined ? [] : [{ path, podUid }]
  })
}

/** Uids of the pods that have a cgroup of their own. */
export function cgroupsOf(cluster: string): string[] {
  const pattern = cgroupName({ cluster })
  const found = globSync(`/sys/fs/cgroup/{,*/}**/${pattern}`).map(path => basename(path).replace(/^.*\.pod/, ''))
  return [...new Set(found)].map(uid => uid.replaceAll('_', '-'))
}
