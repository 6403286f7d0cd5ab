import { setTimeout as wait } from 'node:timers/promises'
import type { Engine } from '../helpers/engine.ts'
import type { PrivateDocker } from './private-docker.ts'
import type { Choices } from './random.ts'

interface Victims {
  docker: PrivateDocker
  /** The engine that runs now. */
  engine: () => Engine
  startEngine: () => Promise<void>
  choices: Choices
}

/** What may befall a cluster; what is named more than once does so the more often. */
const kinds = [
  'kill a container',
  'kill a container',
  'kill a container',
  'remove a container',
  'remove a container',
  'kill the engine',
  'kill the engine',
  'kill the Docker daemon',
  'hang the Docker daemon',
  'kill both',
] as const

/** Brings one disaster about and mends what it broke, but for the cluster itself. Returns its name. */
export async function disaster({ docker, engine, startEngine, choices }: Victims): Promise<string> {
  const kind = choices.of(kinds) ?? kinds[0]
  const pause = choices.number(3_000)
  const keep = choices.number(2) === 1
  const victim = choices.number(1_000)
  switch (kind) {
    case 'kill a container':
    case 'remove a container': {
      const running = await docker.docker.listContainers()
      const chosen = running.map(({ Names: [name = ''] }) => name.slice(1)).sort()[victim % running.length]
      if (chosen === undefined) return `${kind}: there is none`
      const container = docker.docker.getContainer(chosen)
      // It may have ended meanwhile.
      await (kind === 'kill a container' ? container.kill() : container.remove({ force: true })).catch(() => undefined)
      return `${kind}: ${chosen}`
    }
    case 'kill the engine':
      await engine().end('SIGKILL')
      await wait(pause)
      await startEngine()
      return kind
    case 'kill the Docker daemon':
      await docker.signal('SIGKILL')
      await wait(pause)
      await docker.start(keep)
      return `${kind}; its containers ${keep ? 'run on' : 'end'}`
    case 'hang the Docker daemon':
      await docker.signal('SIGSTOP')
      await wait(pause * 5)
      await docker.signal('SIGCONT')
      return `${kind} for ${pause * 5} ms`
    case 'kill both':
      await Promise.all([docker.signal('SIGKILL'), engine().end('SIGKILL')])
      await wait(pause)
      await Promise.all([docker.start(keep), startEngine()])
      return `${kind}; the containers ${keep ? 'run on' : 'end'}`
  }
}
