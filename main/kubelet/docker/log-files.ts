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
      const script = `root=$(readlink -f ${root}) && logs=$(readlink -f ${logs} || echo "$root") && [ -n "$root" ] || exit 0
p=${file}
if [ -L "$p" ]; then case "$(readlink "$p")" in ${inPods}/*) p=${root}$(readlink "$p" | sed 's|^${inPods}||');; esac; fi
p=$(readlink -f "$p") || exit 0
case "$p/" in "$root"/*|"$logs"/*) ;; *) exit 0;; esac
if [ -d "$p" ]; then echo d; ls -p "$p"; elif [ -f "$p" ]; then echo f; cat "$p"; fi`
      const output = said(await agent.stream(['sh', '-c', onHost(script)]))
      const { value: kind } = await output.next()
      if (kind === undefined) return undefined
      if (Buffer.from(kind).toString('latin1') === 'f') return { content: output }
      const names = (await textOf(output)).split('\n').filter(name => name !== '')
      return { names }
    },
  }
}

/** What the script found, a letter, and then what is in it. */
async function* said(
  stream: AsyncIterable<Uint8Array> & { end(): void; destroy(): void },
): AsyncGenerator<Uint8Array, undefined> {
  stream.end()
  let isFirst = true
  try {
    for await (const { stream: kind, data } of demultiplex(stream)) {
      if (kind !== 'stdout') continue
      if (isFirst) yield data.subarray(0, 1)
      // The letter has a line of its own.
      yield isFirst ? data.subarray(2) : data
      isFirst = false
    }
  } finally {
    stream.destroy()
  }
}

async function textOf(content: AsyncIterable<Uint8Array>): Promise<string> {
  const pieces = []
  for await (const piece of content) pieces.push(piece)
  return Buffer.concat(pieces).toString()
}
