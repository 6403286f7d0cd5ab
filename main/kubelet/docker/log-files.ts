import type Docker from 'dockerode'
import { posix } from 'node:path'
import type { LogFiles } from '../container/log-files.ts'
import type { NodeAgent } from './agent/agent.ts'
import { onHost } from './agent/host-root.ts'
import { quote } from './agent/quote.ts'
import { demultiplex } from './demultiplex.ts'
import type { Owner } from './labels.ts'
import { engineRootOf, inPods, nodeLogRoot } from './node-logs.ts'

interface Options {
  docker: Docker
  agent: NodeAgent
  owner: Owner
}

/**
 * The files of a node's /var/log, which pods may write to: links are followed to others of them and to the engine's own
 * logs of containers, but nowhere else.
 */
export function createLogFiles({ docker, agent, owner }: Options): LogFiles {
  const root = quote(nodeLogRoot(owner))
  const engineRoot = engineRootOf(docker)
  return {
    async open(path) {
      const file = quote(posix.join(nodeLogRoot(owner), posix.resolve('/', path)))
      const logs = quote(posix.join(await engineRoot.get(), 'containers'))
      const script = `p=${file}
if [ -L "$p" ]; then case "$(readlink "$p")" in ${inPods}/*) p=${root}$(readlink "$p" | sed 's|^${inPods}||');; esac; fi
p=$(readlink -f "$p") || exit 0
case "$p/" in "$(readlink -f ${root})"/*|"$(readlink -f ${logs})"/*) ;; *) exit 0;; esac
if [ -d "$p" ]; then echo d; ls -p "$p"; elif [ -f "$p" ]; then echo f; cat "$p"; fi`
      const output = said(await agent.stream(['sh', '-c', onHost(script)]))
      const first = await output.next()
      if (first.done) return undefined
      // What it is comes first, in a line of its own.
      const [kind] = Buffer.from(first.value).toString('latin1', 0, 1)
      const content = follow(first.value.subarray(2), output)
      if (kind === 'f') return { content }
      const names = (await textOf(content)).split('\n').filter(name => name !== '')
      return { names }
    },
  }
}

async function* said(stream: AsyncIterable<Uint8Array> & { end(): void; destroy(): void }): AsyncGenerator<Uint8Array> {
  stream.end()
  try {
    for await (const { stream: kind, data } of demultiplex(stream)) if (kind === 'stdout') yield data
  } finally {
    stream.destroy()
  }
}

async function* follow(first: Uint8Array, rest: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield first
  yield* rest
}

async function textOf(content: AsyncIterable<Uint8Array>): Promise<string> {
  const pieces = []
  for await (const piece of content) pieces.push(piece)
  return Buffer.concat(pieces).toString()
}
