import type Docker from 'dockerode'
import { unlessGone } from '../engine-errors.ts'
import type { NodeAgent } from './agent.ts'
import { quote } from './quote.ts'

/** Runs a script in the network namespaces of several sandboxes, one after the other. */
export interface NetworkNamespaces {
  /**
   * Returns what went wrong, by sandbox id; a sandbox that is gone is no failure. `input` is given to each on stdin.
   */
  run(sandboxIds: string[], script: string, input: string): Promise<Map<string, string>>
}

/** Enters sandboxes' namespaces from the node agent, which sees all processes of the engine's host. */
export function createNetworkNamespaces({ docker, agent }: { docker: Docker; agent: NodeAgent }): NetworkNamespaces {
  return {
    async run(sandboxIds, script, input) {
      const pids = await Promise.all(sandboxIds.map(async id => ({ id, pid: await pidOf(docker, id) })))
      const alive = pids.filter(({ pid }) => pid > 0)
      if (alive.length === 0) return new Map()
      // The process may be gone and its number taken by another: only a process of that very container is entered.
      const steps = alive.map(({ id, pid }) => {
        const enter = `nsenter -t ${pid} -n sh -c ${quote(script)} <$in`
        return `if grep -qs ${id} /proc/${pid}/cgroup; then ${enter} >$err 2>&1 || echo "${id} $(base64 <$err | tr -d '\\n')"; fi`
      })
      const text = ['in=/tmp/in.$$ err=/tmp/err.$$', `printf %s ${quote(input)} >$in`, ...steps].join('\n')
      const failed = (await agent.mustRun(text)).split('\n').filter(line => line !== '')
      return new Map(
        failed.map(line => {
          const [id = '', message = ''] = line.split(' ')
          return [id, Buffer.from(message, 'base64').toString()]
        }),
      )
    },
  }
}

async function pidOf(docker: Docker, id: string): Promise<number> {
  return (await unlessGone(docker.getContainer(id).inspect()))?.State.Pid ?? 0
}
