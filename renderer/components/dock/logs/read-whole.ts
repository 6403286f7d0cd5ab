import type { ApiTransport } from '../../../../shared/client/client.ts'
import { isNotFound } from '../../../../shared/machinery/status.ts'
import { stripAnsi } from './ansi.ts'
import { followLog } from './follow-log.ts'
import type { Logs, ViewSource } from './use-logs.ts'

/**
 * Everything the server has of the sources of a view, one after the other, not only what the view kept; of a pod that
 * is gone what the view kept. Half a text once the signal aborts.
 */
export async function readWhole(
  transport: ApiTransport,
  { sources, buffer }: Pick<Logs, 'sources' | 'buffer'>,
  signal: AbortSignal,
): Promise<string> {
  const all = sources.value
  const texts = await Promise.all(all.map(async (source, place) => textOf(source, await linesOf(source, place))))
  return texts.join('')

  async function linesOf(source: ViewSource, place: number): Promise<string[]> {
    const { run, previous, gone } = source
    // Nothing has run; the server would call the question wrong.
    if (!run || (previous && run.attempt === 0)) return []
    const lines: string[] = []
    try {
      if (gone) return kept(place)
      for await (const more of followLog(transport, source, { follow: false, tailLines: undefined, after: '', signal }))
        lines.push(...more)
    } catch (error) {
      if (isNotFound(error)) return kept(place)
      throw error
    }
    return lines
  }

  function kept(place: number): string[] {
    const own = buffer.lines.filter(line => line.source === place && !line.mark)
    return own.map(({ time, text }) => (time ? `${time} ${text}` : text))
  }

  function textOf({ pod, container }: ViewSource, lines: readonly string[]): string {
    const prefix = all.length > 1 ? `${pod} ${container} ` : ''
    return lines.map(line => `${prefix}${stripAnsi(line)}\n`).join('')
  }
}
