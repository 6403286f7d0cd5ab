import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Logger } from '../../shared/machinery/log.ts'
import { badRequest, tooLarge } from '../../shared/machinery/status.ts'

/** The window's settings in one JSON file. */
export interface Settings {
  /** Empty when there is no file yet, or when it can't be read (logged; the window starts with its defaults). */
  load(): Promise<Record<string, unknown>>
  save(settings: unknown): Promise<void>
}

const maxBytes = 1 << 20

export function createSettings(file: string, log: Logger): Settings {
  /** Saves one after another: the last asked for is the one that stays. */
  let last: Promise<void> = Promise.resolve()

  async function write(text: string): Promise<void> {
    await mkdir(dirname(file), { recursive: true })
    // In one step: a crash leaves the old settings or the new ones.
    const fresh = `${file}.new`
    await writeFile(fresh, text, { mode: 0o600 })
    await rename(fresh, file)
  }

  return {
    async load() {
      try {
        const settings: unknown = JSON.parse(await readFile(file, 'utf8'))
        if (isRecord(settings)) return settings
        log.error('settings are no JSON object', { file })
      } catch (error) {
        const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
        if (!missing) log.error('settings not read', { file, error })
      }
      return {}
    },
    async save(settings) {
      if (!isRecord(settings)) throw badRequest('settings must be a JSON object')
      const text = JSON.stringify(settings, null, 2)
      if (text.length > maxBytes) throw tooLarge(`settings are larger than ${maxBytes} bytes`)
      const saved = last.then(() => write(text))
      last = saved.catch(() => undefined)
      await saved
    },
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
