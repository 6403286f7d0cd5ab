import type Docker from 'dockerode'

/** The containers of a pod, made by bare calls: its sandbox and what runs in it. */
export interface BarePod {
  sandbox: string
  container: string
}

interface Options {
  docker: Docker
  network: string
  image: string
  command: string[]
}

/** What an engine can't be asked to do faster: create and start both containers of a pod, and nothing else. */
export async function startBare({ docker, network, image, command }: Options): Promise<BarePod> {
  const run = async (HostConfig: Docker.HostConfig) => {
    const container = await docker.createContainer({ Image: image, Cmd: command, HostConfig })
    await container.start()
    return container.id
  }
  const sandbox = await run({ NetworkMode: network, IpcMode: 'shareable' })
  return { sandbox, container: await run({ NetworkMode: `container:${sandbox}`, IpcMode: `container:${sandbox}` }) }
}

/** Stops and removes both, the sandbox last. */
export async function endBare(docker: Docker, { sandbox, container }: BarePod): Promise<void> {
  for (const id of [container, sandbox]) {
    await docker.getContainer(id).stop()
    await docker.getContainer(id).remove({ v: true })
  }
}

/** Does `work` for each item, `width` at a time. */
export async function abreast<T>(width: number, items: T[], work: (item: T) => Promise<unknown>): Promise<void> {
  const waiting = items.values()
  const worker = async () => {
    for (const item of waiting) await work(item)
  }
  await Promise.all(Array.from({ length: width }, worker))
}
