import type Docker from 'dockerode'
import { execFile } from 'node:child_process'
import { mkdir, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Logger } from '../../../../shared/machinery/log.ts'
import { engineMessage, unlessGone } from '../engine-errors.ts'
import { jsonLines, readable } from '../engine-stream.ts'
import { importImage } from '../import-image.ts'
import { tarOf } from '../tar.ts'
import { debianRootFs } from './debian-rootfs.ts'

export interface AgentImageSettings {
  /** Reference of the image: used as it is if the engine has it, else it is built. */
  image: string
  /** The public image it is built from where a registry can be reached; one with apt or apk. */
  base: string
}

/** Where busybox's tools are. They come first in PATH, so that the agent's scripts meet the same ones on any base. */
const toolPath = '/podbay/bin'
const path = `${toolPath}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`
const debianPackages = ['busybox', 'nftables', 'conntrack', 'perl-base']

const dockerfile = ({ base }: AgentImageSettings) => `FROM ${base}
RUN if command -v apk; then apk add --no-cache busybox-extras nftables conntrack-tools perl; \\
    else apt-get update && apt-get install -y --no-install-recommends ${debianPackages.join(' ')} \\
      && rm -rf /var/lib/apt/lists/*; fi \\
    && mkdir -p ${toolPath} && busybox --install -s ${toolPath}
ENV PATH=${path}
ENTRYPOINT []
CMD ["sleep", "2147483647"]
`

/**
 * The node agent's image, made on first use: built from a public base where a registry can be reached, else, on Debian,
 * from Debian's own packages. Tells what it does, since it takes seconds to minutes. Throws what both ways said.
 */
export async function ensureAgentImage(
  docker: Docker,
  settings: AgentImageSettings,
  { log, onProgress }: { log: Logger; onProgress: (line: string) => void },
): Promise<string> {
  const { image } = settings
  if (await unlessGone(docker.getImage(image).inspect())) return image
  try {
    onProgress(`Building ${image} from ${settings.base}`)
    await build(docker, settings, onProgress)
    return image
  } catch (error) {
    const why = engineMessage(error)
    log.info('Cannot build the node agent from its base image', { image, base: settings.base, error: why })
    try {
      await importFromDebian(docker, image, onProgress)
      return image
    } catch (second) {
      const also = second instanceof Error ? second.message : String(second)
      throw new Error(
        `cannot make the node agent's image ${image}: from ${settings.base}: ${why}; from Debian's packages: ${also}`,
        { cause: second },
      )
    }
  }
}

async function build(docker: Docker, settings: AgentImageSettings, onProgress: (line: string) => void): Promise<void> {
  const context = await tarOf([{ path: 'Dockerfile', data: Buffer.from(dockerfile(settings)), mode: 0o644 }])
  const answer = await docker.buildImage(context as unknown as NodeJS.ReadableStream, {
    t: settings.image,
    forcerm: true,
  })
  for await (const { stream, error } of jsonLines<{ stream?: string; error?: string }>(readable(answer))) {
    if (error !== undefined) throw new Error(error)
    const text = stream?.trim()
    if (text) onProgress(text)
  }
}

async function importFromDebian(docker: Docker, image: string, onProgress: (line: string) => void): Promise<void> {
  await using rootFs = await debianRootFs(debianPackages, onProgress)
  const tools = join(rootFs.directory, toolPath)
  await mkdir(tools, { recursive: true })
  await mkdir(join(rootFs.directory, 'tmp'), { mode: 0o1777 })
  const { stdout } = await promisify(execFile)(join(rootFs.directory, 'bin/busybox'), ['--list'])
  for (const name of stdout.trim().split('\n')) await symlink('/bin/busybox', join(tools, name))
  onProgress(`Importing ${image}`)
  await importImage(docker, {
    reference: image,
    file: () => rootFs.tar(),
    changes: [`ENV PATH=${path}`, 'CMD ["sleep", "2147483647"]'],
  })
}
