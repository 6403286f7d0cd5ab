import { createHash } from 'node:crypto'
import { execFileSync } from 'node:child_process'
import { chmod, cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import Docker from 'dockerode'
import { debianRootFs } from '../../main/kubelet/docker/agent/debian-rootfs.ts'
import { importImage } from '../../main/kubelet/docker/import-image.ts'

/**
 * Makes the images that tests run, without a registry, from Debian packages:
 *
 *   podbay.test/shell:1  bash, sh, curl, getent and busybox's tools (wget, nc, nslookup), with working name resolution
 *   podbay.test/http:1   the same, running http-server.sh, which see
 *   podbay.test/tls:1    the same, with socat, which makes a TLS server of a script
 *
 * All run as any user. Does nothing if the engine has them as this directory describes them.
 */
const packages = ['busybox', 'bash', 'libc-bin', 'curl', 'socat']
const images = [
  { reference: 'podbay.test/shell:1', command: ['sleep', '2147483647'] },
  { reference: 'podbay.test/http:1', command: ['/http-server.sh'] },
  { reference: 'podbay.test/tls:1', command: ['sleep', '2147483647'] },
]
const recipeLabel = 'podbay.test.recipe'
const here = import.meta.dirname

const docker = new Docker()
const recipe = createHash('sha256')
for (const file of ['make.ts', 'http-server.sh']) recipe.update(await readFile(join(here, file)))
const hash = recipe.digest('hex').slice(0, 16)

const missing = []
for (const image of images) if ((await labelOf(image.reference)) !== hash) missing.push(image)
if (missing.length > 0) {
  await using rootFs = await debianRootFs(packages, line => process.stdout.write(`${line}\n`))
  await furnish(rootFs.directory)
  for (const { reference, command } of missing) {
    if ((await labelOf(reference)) !== undefined) await docker.getImage(reference).remove({ force: true })
    const changes = [`LABEL ${recipeLabel}=${hash}`, `CMD ${JSON.stringify(command)}`, 'ENV PATH=/usr/sbin:/usr/bin']
    await importImage(docker, { reference, file: () => rootFs.tar(), changes })
    process.stdout.write(`Made ${reference}\n`)
  }
}

/** The recipe an image was made by; '' if it tells none, undefined if there is no such image. */
async function labelOf(reference: string): Promise<string | undefined> {
  const found = await docker.listImages({ filters: { reference: [reference] } })
  return found[0] && ((found[0].Labels as Record<string, string> | null)?.[recipeLabel] ?? '')
}

async function furnish(root: string): Promise<void> {
  for (const directory of ['tmp', 'var/tmp', 'root', 'proc', 'sys', 'dev', 'data'])
    await mkdir(join(root, directory), { recursive: true })
  for (const open of ['tmp', 'var/tmp', 'data']) await chmod(join(root, open), 0o1777)
  await writeFile(join(root, 'etc/passwd'), 'root:x:0:0::/root:/bin/bash\nuser:x:1000:1000::/data:/bin/bash\n')
  await writeFile(join(root, 'etc/group'), 'root:x:0:\nuser:x:1000:\n')
  await cp(join(here, 'http-server.sh'), join(root, 'http-server.sh'))
  await chmod(join(root, 'http-server.sh'), 0o755)
  const tools = execFileSync(join(root, 'usr/bin/busybox'), ['--list'], { encoding: 'utf8' })
  // What a package brought stays.
  for (const tool of tools.trim().split('\n'))
    await symlink('busybox', join(root, 'usr/bin', tool)).catch(() => undefined)
}
