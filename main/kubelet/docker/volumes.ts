import type Docker from 'dockerode'
import { createHash } from 'node:crypto'
import { posix } from 'node:path'
import type { VolumeFile, VolumeHost } from '../host.ts'
import type { NodeAgent } from './agent/agent.ts'
import { hostRoot, onHost, unmountBelow } from './agent/host-root.ts'
import { quote } from './agent/quote.ts'
import { createEngineVolumes, nfsOptions } from './engine-volumes.ts'
import { hostPathCheck } from './host-path.ts'
import { bindWith, giveToGroup, localPathCheck } from './local-path.ts'
import type { Owner } from './labels.ts'
import { makeLogDirectories, onEngine, removePodLogs } from './node-logs.ts'
import { bindSubPath } from './sub-path.ts'
import { tarOf, type TarEntry } from './tar.ts'
import { volumeUsage } from './usage.ts'
import { volumeAt } from './volume-store.ts'

interface Options {
  docker: Docker
  agent: NodeAgent
  owner: Owner
}

/** Pods' directories on the engine's host, written by the node agent. Paths are the same for it and for the engine. */
export function createVolumeHost({ docker, agent, owner }: Options): VolumeHost {
  const engine = createEngineVolumes({ docker, agent, owner })
  const root = `${hostRoot}/${owner.cluster}/${owner.node}`
  const podDirectory = (uid: string) => posix.join(root, 'pods', safe(uid))
  /** A file by the name of each volume for which the engine was asked: what is to be removed must be known after a crash. */
  const askedFor = (uid: string) => posix.join(podDirectory(uid), 'engine-volumes')
  const ask = (uid: string, volume: string) =>
    `mkdir -p ${quote(askedFor(uid))} && : >${quote(posix.join(askedFor(uid), safe(volume)))}`
  const volumeDirectory = (uid: string, volume: string) => posix.join(podDirectory(uid), 'volumes', safe(volume))

  return {
    async directory(podUid, volume, { tmpfs, group }) {
      const path = volumeDirectory(podUid, volume)
      const size = tmpfs && tmpfs.sizeLimit > 0 ? `,size=${tmpfs.sizeLimit}` : ''
      // A file system in memory is everybody's, and what is in it its owner's, as the kernel makes one by default.
      const sticky = tmpfs ? 0o1000 : 0
      const mount = tmpfs ? [mountTmpfs(path, `mode=1777${size}`)] : []
      await agent.mustRun(script(`mkdir -p ${quote(path)}`, ...mount, ...permissions(path, group, sticky)))
      return path
    },

    async project(podUid, volume, files, { secret, group, nested = [] }) {
      const path = volumeDirectory(podUid, volume)
      const version = `..${hashOf(files, group)}`
      const tar = await tarOf(entriesOf(version, files, group))
      const mount = secret ? [mountTmpfs(path, 'mode=0777')] : []
      await agent.mustRun(
        script(
          `mkdir -p ${quote(path)}`,
          ...mount,
          ...permissions(path, group),
          `cd ${quote(path)}`,
          ...nested.map(below => `mkdir -p ${quote(`./${safe(below)}`)}`),
          // The directory is named by what is in it, so the same files again change nothing.
          `[ "$(readlink ..data)" != ${version} ] || exit 0`,
          `base64 -d <<PODBAY_EOF | tar -x -p -m\n${tar.toString('base64')}\nPODBAY_EOF`,
          `old="$(readlink ..data || true)"`,
          `ln -sfn ${version} ..data_tmp && mv -fT ..data_tmp ..data`,
          ...linksOf(files),
          `[ -z "$old" ] || rm -rf -- "$old"`,
        ),
      )
      return path
    },

    async subPath(volumePath, path, { podUid, name, existing = false }) {
      const target = posix.join(podDirectory(podUid), 'volume-subpaths', safe(name))
      const text = script(...bindSubPath(volumePath, safe(path), { target, existing }))
      // A hostPath volume is outside what the agent has mounted.
      await agent.mustRun(volumePath.startsWith(`${root}/`) ? text : onHost(text))
      return target
    },

    async hostPath(path, type) {
      const at = onEngine(owner, path)
      const own = at === path ? [] : [makeLogDirectories(owner)]
      await agent.mustRun(onHost(script(...own, ...hostPathCheck(path, type, at))))
      return at
    },

    async localPath(path, { group, bound }) {
      const owned = group ? [`(${giveToGroup(path, group).join('\n')})`] : []
      if (!bound) {
        await agent.mustRun(onHost(script(...localPathCheck(path), ...owned)))
        return path
      }
      const { podUid, volume, options } = bound
      const target = volumeDirectory(podUid, volume)
      const engineVolume = volumeAt(path)
      if (engineVolume !== undefined) {
        await agent.mustRun(script(ask(podUid, volume)))
        await engine.hold({ podUid, volume }, engineVolume)
      }
      await agent.mustRun(onHost(script(...localPathCheck(path), ...owned, ...bindWith(path, { target, options }))))
      return target
    },

    async nfs(podUid, volume, source) {
      await agent.mustRun(script(ask(podUid, volume)))
      return engine.mount({ podUid, volume }, nfsOptions(source))
    },

    async image(podUid, volume, imageId) {
      const path = posix.join(podDirectory(podUid), 'images', safe(volume))
      const [at, whole] = [quote(path), quote(`${path}.whole`)]
      const known = await agent.mustRun(
        script(`if [ -e ${whole} ]; then echo whole; exit 0; fi`, `rm -rf ${at}; mkdir -p ${at}`, ask(podUid, volume)),
      )
      if (known !== '') return path
      await engine.unpack({ podUid, volume }, imageId, path)
      await agent.mustRun(script(`: >${whole}`, `rm -f ${quote(posix.join(askedFor(podUid), safe(volume)))}`))
      return path
    },

    async files(podUid, files) {
      if (files.length === 0) return []
      const paths = files.map(({ name }) => posix.join(podDirectory(podUid), safe(name)))
      const directories = [...new Set(paths.map(path => quote(posix.dirname(path))))]
      const lines = files.map(({ text, mode }, index) => {
        // Written in place: a container that has the file mounted sees what the same inode holds.
        return `umask ${octal(0o666 & ~mode)}; printf %s ${quote(text)} >${quote(paths[index] ?? '')}`
      })
      await agent.mustRun(script(`mkdir -p ${directories.join(' ')}`, ...lines))
      return paths
    },

    async read(volumePath, path) {
      const file = quote(`./${safe(path)}`)
      const lines = [
        `cd ${quote(volumePath)}; root="$(pwd -P)"; found="$(realpath ${file})"`,
        'case "$found" in "$root"/*) ;; *) echo "the path leads out of the volume"; exit 1;; esac',
        '[ -f "$found" ] || { echo "not a file"; exit 1; }',
        `head -c ${2 ** 20} "$found"`,
      ]
      return Buffer.from(await agent.mustRun(script(...lines)))
    },

    usage: podUid => volumeUsage(agent, posix.join(podDirectory(podUid), 'volumes')),

    async removePod(podUid) {
      const [path, trash, asked] = [podDirectory(podUid), `${root}/trash`, quote(askedFor(podUid))]
      const remove = script(
        ...removePodLogs(owner, safe(podUid)),
        `[ -d ${quote(path)} ] || exit 0`,
        unmountBelow(quote(path)),
        `if [ -d ${asked} ] && [ -n "$(ls ${asked})" ]; then ls ${asked}; exit 0; fi`,
        `mkdir -p ${quote(trash)}`,
        `mv ${quote(path)} ${quote(trash)}/`,
        // Deleting much takes long, and other pods' scripts wait behind this one.
        `(rm -rf ${quote(trash)}/* >/dev/null 2>&1 &)`,
      )
      const volumes = (await agent.mustRun(remove)).split('\n').filter(volume => volume !== '')
      if (volumes.length === 0) return
      for (const volume of volumes) await engine.remove({ podUid, volume })
      await agent.mustRun(`rm -rf ${asked}\n${remove}`)
    },

    async pods() {
      const list = await agent.mustRun(`ls ${quote(`${root}/pods`)} 2>/dev/null || true`)
      return list.split('\n').filter(uid => uid !== '')
    },
  }
}

const script = (...lines: string[]) => ['set -e', 'umask 0022', ...lines].join('\n')
const octal = (mode: number) => mode.toString(8).padStart(4, '0')

const mountTmpfs = (path: string, options: string) =>
  `grep -qF " ${path} " /proc/self/mountinfo || mount -t tmpfs -o ${options} tmpfs ${quote(path)}`

/** A volume with an fsGroup belongs to the group, and what is made in it does too (pkg/volume/volume_linux.go). */
function permissions(path: string, group: number | undefined, sticky = 0): string[] {
  if (group === undefined) return [`chmod ${octal(0o777 | sticky)} ${quote(path)}`]
  return [`chgrp ${group} ${quote(path)}`, `chmod ${octal(0o2777 | sticky)} ${quote(path)}`]
}

/** Names come from validated objects; a path that could leave the pod's directory is a bug of ours. */
function safe(path: string): string {
  if (path === '' || path.startsWith('/') || path.split('/').includes('..')) throw new Error(`unsafe path: ${path}`)
  return path
}

function hashOf(files: VolumeFile[], group: number | undefined): string {
  const hash = createHash('sha256').update(String(group))
  for (const { path, data, mode, user = 0 } of files)
    hash.update(`\0${path}\0${mode}\0${user}\0${data.length}\0`).update(data)
  return hash.digest('hex').slice(0, 16)
}

/** With an fsGroup all of it belongs to the group, which may read it whatever the modes say (volume_linux.go, roMask and execMask). */
function entriesOf(version: string, files: VolumeFile[], group: number | undefined): TarEntry[] {
  const owner = group === undefined ? {} : { gid: group }
  const directory = (path: string) => ({
    path: `${path}/`,
    data: new Uint8Array(),
    mode: group === undefined ? 0o755 : 0o2755,
    ...owner,
  })
  const directories = new Set(files.flatMap(({ path }) => parentsOf(safe(path))))
  return [
    directory(version),
    ...[...directories].sort().map(path => directory(`${version}/${path}`)),
    ...files.map(({ path, data, mode, user }) => ({
      path: `${version}/${path}`,
      data,
      mode: group === undefined ? mode : mode | 0o440,
      ...(user !== undefined && { uid: user }),
      ...owner,
    })),
  ]
}

function parentsOf(path: string): string[] {
  const parts = path.split('/').slice(0, -1)
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'))
}

/** Each first part of a path becomes a link through `..data`; links to what is no longer there go. */
function linksOf(files: VolumeFile[]): string[] {
  const names = [...new Set(files.map(({ path }) => path.split('/')[0] ?? ''))]
  return [
    `for f in * .[!.]*; do if [ -L "$f" ] && [ ! -e "$f" ]; then rm -- "$f"; fi; done`,
    ...names.map(name => `[ -L ${quote(`./${name}`)} ] || ln -s ${quote(`..data/${name}`)} ${quote(`./${name}`)}`),
  ]
}
