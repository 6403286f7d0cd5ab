/** A line of the engine's answer to a pull. */
export interface PullMessage {
  id?: string
  status?: string
  error?: string
  progressDetail?: { current?: number; total?: number }
}

const megabytes = (bytes: number) => Math.round(bytes / 1e6)

/**
 * Sums up the layers of a pull into one line, such as `12 of 48 MB`. Layers whose size is not told yet do not count;
 * `Extracting` once everything is here. Returns undefined when there is nothing new to say.
 */
export function createPullProgress(): (message: PullMessage) => string | undefined {
  const layers = new Map<string, { current: number; total: number }>()
  let last = ''
  return ({ id, status, progressDetail }) => {
    if (id === undefined) return undefined
    const { current, total } = progressDetail ?? {}
    if (status === 'Downloading' && current !== undefined && total !== undefined) layers.set(id, { current, total })
    const layer = layers.get(id)
    if (layer && (status === 'Download complete' || status === 'Pull complete')) layer.current = layer.total
    const all = [...layers.values()]
    if (all.length === 0) return undefined
    const done = all.reduce((sum, l) => sum + l.current, 0)
    const whole = all.reduce((sum, l) => sum + l.total, 0)
    const line =
      done === whole && status === 'Extracting' ? 'Extracting' : `${megabytes(done)} of ${megabytes(whole)} MB`
    if (line === last) return undefined
    last = line
    return line
  }
}
