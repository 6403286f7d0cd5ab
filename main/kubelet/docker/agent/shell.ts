import type { Duplex } from 'node:stream'
import { demultiplex } from '../demultiplex.ts'
import { quote } from './quote.ts'

export interface ScriptResult {
  code: number
  /** stdout and stderr in order. */
  output: Buffer
}

/** A shell that runs scripts one after the other. When its connection ends, all that is under way is rejected. */
export interface Shell extends Disposable {
  run(script: string): Promise<ScriptResult>
  /** Resolves when nothing can be run any more. */
  readonly closed: Promise<void>
}

interface Job {
  resolve(result: ScriptResult): void
  reject(error: Error): void
}

/**
 * Speaks to a `sh` that reads commands from the stream. Each script runs in a subshell without input; its output is
 * gathered in a file, so that the answer can be framed: a line `<exit code> <bytes>`, then the bytes.
 */
export function createShell(stream: Duplex): Shell {
  const jobs: Job[] = []
  let failure: Error | undefined
  const closed = read()

  async function read() {
    try {
      for await (const result of results(demultiplex(stream))) jobs.shift()?.resolve(result)
      fail(new Error('the connection to the node agent ended'))
    } catch (error) {
      fail(new Error('the connection to the node agent broke', { cause: error }))
    }
  }
  function fail(error: Error) {
    failure ??= error
    for (const job of jobs.splice(0)) job.reject(failure)
  }

  return {
    run(script) {
      if (failure) return Promise.reject(failure)
      return new Promise((resolve, reject) => {
        jobs.push({ resolve, reject })
        stream.write(
          `out=/tmp/out.$$; (eval ${quote(script)}) </dev/null >$out 2>&1; code=$?; ` +
            // Most write nothing, and each command takes about as long as the script itself.
            `if [ -s $out ]; then echo "$code $(wc -c <$out)"; cat $out; else echo "$code 0"; fi\n`,
        )
      })
    },
    closed,
    [Symbol.dispose]() {
      fail(new Error('the node agent has stopped'))
      stream.destroy()
    },
  }
}

async function* results(source: AsyncIterable<{ data: Uint8Array }>): AsyncIterable<ScriptResult> {
  let seen = Buffer.alloc(0)
  for await (const { data } of source) {
    seen = Buffer.concat([seen, data])
    for (;;) {
      const end = seen.indexOf('\n')
      if (end < 0) break
      const [code = NaN, length = NaN] = seen.toString('latin1', 0, end).trim().split(/\s+/).map(Number)
      if (!Number.isInteger(code) || !Number.isInteger(length)) throw new Error('the node agent answered out of turn')
      const start = end + 1
      if (seen.length < start + length) break
      yield { code, output: seen.subarray(start, start + length) }
      seen = seen.subarray(start + length)
    }
  }
}
