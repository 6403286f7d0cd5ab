import { RuntimeFault, type RuntimeReason } from '../runtime.ts'

interface EngineAnswer {
  statusCode: number
  json?: unknown
  message: string
}

const isAnswer = (e: unknown): e is EngineAnswer =>
  e instanceof Error && 'statusCode' in e && typeof e.statusCode === 'number'

const isConnectionError = (e: unknown): e is NodeJS.ErrnoException =>
  e instanceof Error && 'code' in e && typeof e.code === 'string' && !isAnswer(e)

/** The engine's removal is under way already: what was asked for happens. */
export const removalInProgress = 409

/** The HTTP status of the Docker Engine's answer; undefined if the error is not an answer of the engine. */
export function engineStatus(error: unknown): number | undefined {
  return isAnswer(error) ? error.statusCode : undefined
}

/** The engine's own words, without what the client library puts around them. */
export function engineMessage(error: unknown): string {
  if (!isAnswer(error)) return error instanceof Error ? error.message : String(error)
  const { json } = error
  if (typeof json === 'object' && json !== null && 'message' in json && typeof json.message === 'string')
    return json.message
  // Of an answer that is a stream the client library keeps nothing but its own sentence around the engine's.
  return /^\(HTTP code \d+\) .*? - (.*) $/s.exec(error.message)?.[1] ?? error.message
}

/**
 * What the user must see of a failed call to the engine: `reason` with the engine's words, or RuntimeUnavailable when
 * it can't be reached. Anything else (a programming error, a fault that is one already) is thrown on as it is.
 */
export function toFault(reason: RuntimeReason, error: unknown): RuntimeFault {
  if (isAnswer(error)) return new RuntimeFault(reason, engineMessage(error))
  if (isConnectionError(error)) return unavailable(error)
  throw error
}

const hints: Record<string, string> = {
  ENOENT: 'is Docker installed and running?',
  ECONNREFUSED: 'is Docker running?',
  ETIMEDOUT: 'is Docker running?',
  EACCES: 'this user may not use it; add the user to the group "docker"',
}

function unavailable(error: NodeJS.ErrnoException): RuntimeFault {
  const hint = hints[error.code ?? '']
  const message = `Cannot reach the Docker Engine: ${error.message}${hint ? ` (${hint})` : ''}`
  return new RuntimeFault('RuntimeUnavailable', message)
}

/** Awaits a call to the engine; its failure becomes a RuntimeFault with `reason`. */
export async function orFault<T>(reason: RuntimeReason, call: Promise<T>): Promise<T> {
  try {
    return await call
  } catch (error) {
    throw toFault(reason, error)
  }
}

/** Awaits a call; undefined if the engine has no such thing, or says with one of `also` that nothing is to be done. */
export async function unlessGone<T>(call: Promise<T>, ...also: number[]): Promise<T | undefined> {
  try {
    return await call
  } catch (error) {
    const status = engineStatus(error)
    if (status === 404 || (status !== undefined && also.includes(status))) return undefined
    throw error
  }
}
