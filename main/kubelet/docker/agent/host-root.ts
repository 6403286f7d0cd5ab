import type Docker from 'dockerode'
import type { HostConfig } from 'dockerode'
import { cgroupName, removeCgroups } from './pod-cgroup-script.ts'
import { quote } from './quote.ts'

/** Where all clusters keep their pods' files on the engine's host. */
export const hostRoot = '/var/lib/podbay'

/**
 * What the node agent may: enter namespaces, mount, and write network rules. Named one by one, because `Privileged` asks
 * for every capability there is and fails on a machine whose engine lacks one of them.
 */
export const agentRights: HostConfig & { CgroupnsMode: string } = {
  CapAdd: ['SYS_ADMIN', 'SYS_PTRACE', 'NET_ADMIN'],
  SecurityOpt: ['apparmor=unconfined', 'seccomp=unconfined', 'label=disable'],
  PidMode: 'host',
  UsernsMode: 'host',
  // Only so does it see in which cgroup of the host it is.
  CgroupnsMode: 'host',
}

/**
 * The pid, for a script, of the engine's process that keeps the agent's container: the shell's parent. A shell of an exec is
 * started by a runtime that then ends, whom `$PPID` would still name, so this waits until it has.
 */
export const engineProcess = `$(until pid=$(awk '/^PPid:/ { print $2 }' /proc/$$/status) && read -r name 2>/dev/null </proc/$pid/comm && [ "$name" != runc ] && [ "$name" != crun ]; do :; done; echo $pid)`

/** A script in the mount namespace in which the engine resolves bind mounts. */
export const onHost = (script: string): string => `nsenter -t ${engineProcess} -m sh -c ${quote(script)}`

/**
 * Where the host's root is a private mount (machines without systemd), the engine refuses to share mounts below it. Makes
 * our directory a shared mount of its own; nothing else of the host is changed.
 */
export async function shareHostRoot(
  docker: Docker,
  options: { image: string; labels: Record<string, string> },
): Promise<void> {
  await runOnce(
    docker,
    options,
    onHost(
      `mkdir -p ${hostRoot} && { ${isMounted(hostRoot)} || mount --bind ${hostRoot} ${hostRoot}; } && mount --make-rshared ${hostRoot}`,
    ),
  )
}

/**
 * Removes a cluster's directory, or one of its nodes', from the engine's host, unmounting what is mounted in it, and the
 * cgroups of its pods. The root stays: it may be shared with a cluster that has written nothing yet.
 */
export async function removeHostDirectory(
  docker: Docker,
  options: { image: string; labels: Record<string, string>; cluster: string; node?: string },
): Promise<void> {
  const directory = quote([hostRoot, options.cluster, ...(options.node ? [options.node] : [])].join('/'))
  const script = `[ -d ${hostRoot} ] || exit 0
    ${unmountBelow(directory)}
    rm -rf ${directory}`
  await runOnce(docker, options, onHost(`(${removeCgroups(cgroupName(options))}) >/dev/null 2>&1; ${script}`))
}

/** A test for a script: whether something is mounted exactly there (already quoted). */
export const isMounted = (quotedPath: string): string => `cut -d' ' -f5 /proc/self/mountinfo | grep -Fxq ${quotedPath}`

/**
 * Unmounts everything below a directory (already quoted), innermost first; fails if something stays mounted. One unmount
 * may take several entries along: where mounts are shared, each is listed once for every peer.
 */
export function unmountBelow(quotedDirectory: string): string {
  return `cut -d' ' -f5 /proc/self/mountinfo | grep -F ${quotedDirectory}/ | sort -r | while read -r m; do umount "$m" 2>/dev/null || umount -l "$m" 2>/dev/null || ! ${isMounted('"$m"')} || exit 1; done || exit 1`
}

async function runOnce(
  docker: Docker,
  { image, labels }: { image: string; labels: Record<string, string> },
  script: string,
): Promise<void> {
  const container = await docker.createContainer({
    Image: image,
    Cmd: ['sh', '-c', script],
    Labels: labels,
    HostConfig: { ...agentRights, NetworkMode: 'none' },
  })
  try {
    await container.start()
    const { StatusCode } = (await container.wait()) as { StatusCode: number }
    if (StatusCode === 0) return
    const said = await container.logs({ stdout: true, stderr: true, tail: 5 })
    throw new Error(
      `cannot prepare ${hostRoot} on the engine's host: ${said
        .toString()
        .replaceAll(/[^\x20-\x7e\n]/g, '')
        .trim()}`,
    )
  } finally {
    await container.remove({ force: true, v: true })
  }
}
