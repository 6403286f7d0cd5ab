import { abortable } from '../../shared/contract/abortable.ts'
import type { TerminalInfo, TerminalRequest } from '../../shared/contract/host.ts'
import type { Logger } from '../../shared/machinery/log.ts'
import { badRequest, failure, notFound, StatusError } from '../../shared/machinery/status.ts'
import type { ExecOptions, ExecSession } from '../../shared/machinery/streams.ts'
import { createScrollback } from './scrollback.ts'
import { findShell } from './shell.ts'

/** Starts a command in a container of a pod. Rejects with a StatusError (pod gone, container not running). */
export type OpenExec = (
  target: { namespace: string; pod: string; container: string },
  options: ExecOptions,
) => Promise<ExecSession>

/** Terminal sessions: they belong to the engine, so a reloaded or closed window finds them again. */
export interface Terminals extends AsyncDisposable {
  open(request: TerminalRequest): Promise<TerminalInfo>
  list(): TerminalInfo[]
  /** The kept output, then what comes, to the end of the session. Several may attach at once. */
  attach(id: string): AsyncIterable<Uint8Array>
  write(id: string, data: Uint8Array): Promise<void>
  resize(id: string, size: { width: number; height: number }): Promise<void>
  /** Ends the command if it still runs, and forgets the session. */
  close(id: string): Promise<void>
}

interface Session {
  info: TerminalInfo
  exec: ExecSession
  /** Resolves when there is more output or the end, or a reader has moved; replaced each time. */
  changed: PromiseWithResolvers<true>
  output: ReturnType<typeof createScrollback>
  /** How far each attached reader has got. */
  readers: Set<{ position: number }>
}

/** What a session keeps for those who attach later. */
const kept = { maxBytes: 1 << 20, maxLines: 10_000 }
/** The command waits when everybody who reads is this far behind; with nobody attached it runs on. */
const maxLag = 1 << 18
/** Sessions at once, ended ones that nobody closed included. */
const maxSessions = 64

export function createTerminals({ openExec, log }: { openExec: OpenExec; log: Logger }): Terminals {
  const sessions = new Map<string, Session>()

  function sessionOf(id: string): Session {
    const session = sessions.get(id)
    if (!session) throw notFound({ group: '', resource: 'terminals', name: id })
    return session
  }
  function running(id: string): Session {
    const session = sessionOf(id)
    if (session.info.state === 'ended') throw badRequest(`the command of terminal ${id} has ended`)
    return session
  }

  async function pump(session: Session): Promise<void> {
    const { info, exec } = session
    try {
      for await (const { data } of exec.output) {
        session.output.push(data)
        signal(session)
        while (allLag(session)) await session.changed.promise
      }
      info.exitCode = await exec.exitCode
    } catch (error) {
      if (!(error instanceof StatusError)) log.error('terminal ended unexpectedly', { terminal: info.id, error })
      info.message = error instanceof Error ? error.message : String(error)
    }
    info.state = 'ended'
    signal(session)
  }

  return {
    async open(request) {
      makeRoom(sessions)
      const { namespace, pod, container } = request
      const command = request.command ?? (await findShell(options => openExec(request, options)))
      const exec = await openExec(request, { command, stdin: true, stdout: true, stderr: false, tty: true })
      const info: TerminalInfo = { id: crypto.randomUUID(), namespace, pod, container, command, state: 'running' }
      const session: Session = {
        info,
        exec,
        changed: Promise.withResolvers(),
        output: createScrollback(kept),
        readers: new Set(),
      }
      sessions.set(info.id, session)
      void pump(session)
      // A command may be over before its terminal has a size; that it ended is told by the session itself.
      await exec.resize(sizeOf(request)).catch((error: unknown) => log.debug('terminal not resized', { error }))
      return { ...info }
    },
    list: () => [...sessions.values()].map(({ info }) => ({ ...info })),
    attach: id => abortable(signal => follow(sessionOf(id), signal)),
    write: async (id, data) => running(id).exec.write(data),
    resize: async (id, size) => running(id).exec.resize(sizeOf(size)),
    async close(id) {
      const session = sessionOf(id)
      sessions.delete(id)
      await session.exec[Symbol.asyncDispose]()
    },
    async [Symbol.asyncDispose]() {
      const all = [...sessions.values()]
      sessions.clear()
      await Promise.allSettled(all.map(session => session.exec[Symbol.asyncDispose]()))
    },
  }
}

async function* follow(session: Session, aborted: AbortSignal): AsyncGenerator<Uint8Array> {
  const reader = { position: 0 }
  const stop = Promise.withResolvers<true>()
  aborted.addEventListener('abort', () => stop.resolve(true), { once: true })
  session.readers.add(reader)
  try {
    while (!aborted.aborted) {
      const { changed } = session
      const { data, end } = session.output.read(reader.position)
      if (data.byteLength > 0) {
        yield data
        reader.position = end
        signal(session)
      } else if (session.info.state === 'ended') return
      else await Promise.race([changed.promise, stop.promise])
    }
  } finally {
    session.readers.delete(reader)
    signal(session)
  }
}

function signal(session: Session): void {
  session.changed.resolve(true)
  session.changed = Promise.withResolvers()
}

function allLag({ readers, output }: Session): boolean {
  return readers.size > 0 && [...readers].every(({ position }) => output.end - position > maxLag)
}

/** Forgets the oldest ended session when there is no room; refuses when all of them run. */
function makeRoom(sessions: Map<string, Session>): void {
  if (sessions.size < maxSessions) return
  for (const [id, { info }] of sessions) if (info.state === 'ended') return void sessions.delete(id)
  const message = `${maxSessions} terminals are open; close one first`
  throw failure({ code: 429, reason: 'TooManyRequests', message })
}

/** Sizes come from the window: whole and within what terminals can have. */
function sizeOf({ width, height }: { width: number; height: number }): { width: number; height: number } {
  const within = (n: number) => Math.min(Math.max(Math.trunc(n) || 1, 1), 1000)
  return { width: within(width), height: within(height) }
}
