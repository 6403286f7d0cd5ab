import { execFile, spawn } from 'node:child_process'
import { cp, lstat, mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const execute = promisify(execFile)

interface RootFs extends AsyncDisposable {
  /** A directory with the packages' files. */
  directory: string
  /** Its files as a tar, all owned by root. */
  tar(): NodeJS.ReadableStream
}

/**
 * Unpacks Debian packages with all they depend on into a temporary directory, without installing anything: what makes
 * an image on a Debian machine where no registry can be reached. Needs apt's package lists, but not root.
 */
export async function debianRootFs(packages: string[], onProgress: (line: string) => void): Promise<RootFs> {
  const work = await mkdtemp(join(tmpdir(), 'podbay-rootfs-'))
  const directory = join(work, 'root')
  const debs = join(work, 'debs')
  try {
    await mkdir(directory)
    await mkdir(debs)
    const all = await closureOf(packages)
    onProgress(`Downloading ${all.length} Debian packages`)
    await execute('apt-get', [...quiet, 'download', ...all], { cwd: debs })
    onProgress(`Unpacking ${all.length} Debian packages`)
    for (const deb of await readdir(debs)) await execute('dpkg-deb', ['-x', join(debs, deb), directory])
    await rm(debs, { recursive: true })
    await mergeUsr(directory)
    for (const unused of ['doc', 'man', 'locale', 'info', 'lintian'])
      await rm(join(directory, 'usr/share', unused), { recursive: true, force: true })
  } catch (error) {
    await rm(work, { recursive: true, force: true })
    throw error
  }
  return {
    directory,
    tar() {
      const tar = spawn('tar', ['-c', '--numeric-owner', '--owner=0', '--group=0', '-C', directory, '.'], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      return tar.stdout
    },
    [Symbol.asyncDispose]: () => rm(work, { recursive: true, force: true }),
  }
}

const quiet = ['-qq', '-o', 'Debug::NoLocking=1']

/** The packages and all they need, as if nothing were installed yet. */
async function closureOf(packages: string[]): Promise<string[]> {
  const bare = ['-o', 'Dir::State::status=/dev/null', '--no-install-recommends']
  const { stdout } = await execute('apt-get', ['-s', ...quiet, ...bare, 'install', ...packages])
  return stdout.split('\n').flatMap(line => /^Inst (\S+)/.exec(line)?.[1] ?? [])
}

/** Makes /bin, /lib and the like links into /usr, as Debian's installer does and its packages expect. */
async function mergeUsr(root: string): Promise<void> {
  for (const name of ['bin', 'sbin', 'lib', 'lib64']) {
    const [old, merged] = [join(root, name), join(root, 'usr', name)]
    await mkdir(merged, { recursive: true })
    const found = await lstat(old).catch(() => undefined)
    if (found?.isDirectory()) await cp(old, merged, { recursive: true, verbatimSymlinks: true })
    await rm(old, { recursive: true, force: true })
    await symlink(join('usr', name), old)
  }
}
