import { setTimeout as wait } from 'node:timers/promises'
import { AGENT } from '../../main/kubelet/docker/agent/agent.ts'
import type { Engine } from '../helpers/engine.ts'
import type { Kubectl } from '../helpers/kubectl.ts'
import { nodeDisasters } from './node-disasters.ts'
import type { PrivateDocker } from './private-docker.ts'
import type { Choices } from './random.ts'

/** Whom a disaster may befall. */
export interface Victims {
  docker: PrivateDocker
  /** The engine that runs now. */
  engine: () => Engine
  startEngine: () => Promise<void>
  kubectl: () => Kubectl
  /** Nodes beside the first. */
  nodes: string[]
}

/** Chosen before anything happens, so that a seed repeats them. */
interface Fate {
  /** Milliseconds. */
  pause: number
  coin: boolean
  /** However many there are, it is the same share of the seed's choices. */
  of: <T>(some: readonly T[]) => T | undefined
}

/** Brings itself about and mends what it broke, but for the cluster itself; may tell what became of it. */
export type Disaster = (victims: Victims, fate: Fate) => Promise<string>

/** How often each happens among the others. */
const disasters: [number, string, Disaster][] = [
  [4, 'kill a container', containerEnds('kill')],
  [3, 'remove a container', containerEnds('remove')],
  [1, 'remove a node agent', containerEnds('remove', AGENT)],
  [3, 'kill the engine', killEngine],
  [2, 'kill the Docker daemon', killDocker],
  [1, 'hang the Docker daemon', hangDocker],
  [2, 'kill both', killBoth],
  [1, 'kill the engine, end and prune all that Docker has', prune],
  ...nodeDisasters,
]
const kinds = disasters.flatMap(([times, name, happen]) => Array.from({ length: times }, () => ({ name, happen })))

/** Brings one about. Returns what happened, for people. */
export async function disaster(victims: Victims, choices: Choices): Promise<string> {
  const [chosen, pause] = [choices.of(kinds), choices.number(3_000)]
  const [coin, victim] = [choices.number(2) === 1, choices.number(1_000)]
  const told = await chosen?.happen(victims, { pause, coin, of: some => some[victim % some.length] })
  return `${chosen?.name}: ${told}`
}

function containerEnds(how: 'kill' | 'remove', label?: string): Disaster {
  return async ({ docker: { docker } }, { of }) => {
    const running = await docker.listContainers(label === undefined ? {} : { filters: { label: [label] } })
    const name = of(running.map(({ Names: [name = ''] }) => name.slice(1)).sort())
    if (name === undefined) return 'there is none'
    const container = docker.getContainer(name)
    // It may have ended meanwhile.
    await (how === 'kill' ? container.kill() : container.remove({ force: true })).catch(() => undefined)
    return name
  }
}

async function killEngine({ engine, startEngine }: Victims, { pause }: Fate): Promise<string> {
  await engine().end('SIGKILL')
  await wait(pause)
  await startEngine()
  return `for ${pause} ms`
}

const fateOfContainers = ({ coin }: Fate) => (coin ? 'its containers run on' : 'its containers end')

async function killDocker({ docker }: Victims, fate: Fate): Promise<string> {
  await docker.signal('SIGKILL')
  await wait(fate.pause)
  await docker.start(fate.coin)
  return fateOfContainers(fate)
}

async function hangDocker({ docker }: Victims, { pause }: Fate): Promise<string> {
  await docker.signal('SIGSTOP')
  await wait(pause * 5)
  await docker.signal('SIGCONT')
  return `for ${pause * 5} ms`
}

async function killBoth({ docker, engine, startEngine }: Victims, fate: Fate): Promise<string> {
  await Promise.all([docker.signal('SIGKILL'), engine().end('SIGKILL')])
  await wait(fate.pause)
  await Promise.all([docker.start(fate.coin), startEngine()])
  return fateOfContainers(fate)
}

/** What `docker system prune` removes after all containers have ended; volumes only `--volumes` would. */
async function prune({ docker: { docker }, engine, startEngine }: Victims): Promise<string> {
  await engine().end('SIGKILL')
  const running = await docker.listContainers()
  await Promise.all(
    running.map(({ Id }) =>
      docker
        .getContainer(Id)
        .kill()
        .catch(() => undefined),
    ),
  )
  await docker.pruneContainers()
  await docker.pruneNetworks()
  await startEngine()
  return `${running.length} containers`
}
