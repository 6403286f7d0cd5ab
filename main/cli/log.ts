import { openSync, renameSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { pino, type Logger as Pino } from 'pino'
import type { Config } from '../config.ts'
import type { Logger } from '../../shared/machinery/log.ts'

const maxBytes = 10 * 2 ** 20

/** Logs to `engine.log` in the data directory, one JSON object a line; the one before is kept as `engine.log.1`. Errors also go to stderr. */
export function createLog({ dataDir, logLevel }: Pick<Config, 'dataDir' | 'logLevel'>): Logger {
  const file = join(dataDir, 'engine.log')
  if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > maxBytes) renameSync(file, `${file}.1`)
  const destination = pino.destination({ dest: openSync(file, 'a', 0o600), sync: false })
  const stderr = pino.destination({ dest: 2, sync: true })
  // A full disk or a closed terminal costs lines of the log, not the engine.
  for (const stream of [destination, stderr]) stream.on('error', () => undefined)
  const streams = [
    { level: logLevel, stream: destination },
    { level: 'error', stream: stderr },
  ]
  return wrap(pino({ level: logLevel, base: null }, pino.multistream(streams)))
}

/** pino takes the fields first and serialises errors under `err` only. */
function wrap(logger: Pino): Logger {
  const fieldsOf = ({ error, ...fields }: Record<string, unknown> = {}) =>
    error === undefined ? fields : { ...fields, err: error }
  return {
    error: (message, fields) => logger.error(fieldsOf(fields), message),
    info: (message, fields) => logger.info(fieldsOf(fields), message),
    debug: (message, fields) => logger.debug(fieldsOf(fields), message),
    with: fields => wrap(logger.child(fields)),
  }
}
