import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Who holds a directory. `started` tells a process from a later one with the same pid; '' where there is no /proc. */
interface Owner {
  pid: number
  started: string
}

/**
 * Takes a data directory for this process, making it if need be. Throws an Error that names the directory and the pid
 * when another engine has it; the lock of a process that is gone is taken over. Disposing the result gives it back.
 *
 * The file says who; that two engines never write the same database is ensured by SQLite's own lock (schema.ts).
 */
export function acquireLock(directory: string): Disposable {
  mkdirSync(directory, { recursive: true })
  const lock = join(directory, 'lock')
  const mine = `${lock}.${process.pid}`
  writeFileSync(mine, JSON.stringify({ pid: process.pid, started: startOf(process.pid) ?? '' } satisfies Owner))
  try {
    // A link appears whole or not at all, so nobody reads half a lock.
    while (!linked(mine, lock)) {
      const content = read(lock)
      const owner = content === undefined ? undefined : parse(content)
      if (owner && isRunning(owner)) throw new Error(`${directory} is in use by another engine (pid ${owner.pid})`)
      if (content !== undefined) remove(lock, content, `${mine}.stale`)
    }
  } finally {
    rmSync(mine, { force: true })
  }
  return { [Symbol.dispose]: () => rmSync(lock, { force: true }) }
}

/** The pid of the engine that holds a data directory now, or undefined. */
export function lockHolder(directory: string): number | undefined {
  const content = read(join(directory, 'lock'))
  const owner = content === undefined ? undefined : parse(content)
  return owner && isRunning(owner) ? owner.pid : undefined
}

function linked(from: string, to: string): boolean {
  try {
    linkSync(from, to)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

/** Removes a stale lock, unless someone else has put theirs in its place meanwhile: then theirs goes back. */
function remove(lock: string, stale: string, aside: string): void {
  try {
    renameSync(lock, aside)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
    throw error
  }
  if (read(aside) !== stale) linked(aside, lock)
  rmSync(aside, { force: true })
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** Undefined for what no engine wrote whole: a file that a crash of the machine emptied, say. */
function parse(content: string): Owner | undefined {
  try {
    const { pid, started } = JSON.parse(content) as Partial<Owner>
    return typeof pid === 'number' && typeof started === 'string' ? { pid, started } : undefined
  } catch {
    return undefined
  }
}

function isRunning({ pid, started }: Owner): boolean {
  const now = startOf(pid)
  if (now !== undefined && started !== '') return now === started
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // EPERM: there, but another user's.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** The start of a process in ticks since boot (proc(5), stat, field 22), '' if it is dead but unreaped; undefined if unknown. */
function startOf(pid: number): string | undefined {
  const stat = read(`/proc/${pid}/stat`)
  if (stat === undefined) return undefined
  // The second field is the command in parentheses and may itself hold spaces and parentheses; the third is the state.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return fields[0] === 'Z' || fields[0] === 'X' ? '' : fields[19]
}
