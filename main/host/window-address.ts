import { randomBytes } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import type { Logger } from '../../shared/machinery/log.ts'
import { writePrivately } from './write-privately.ts'

/** Where the window server is found, and what its visitors must know. */
export interface WindowAddress {
  /** 0: any free port. */
  port: number
  token: string
}

/** A token nobody can guess: 256 bits. */
export function newToken(): string {
  return randomBytes(32).toString('base64url')
}

/**
 * The address the window had when the engine last ran, so that a page left open and a bookmark still lead to it; a fresh
 * one if there is none, or the file is damaged or other users may have read it (logged).
 */
export function loadWindowAddress(file: string, log: Logger): WindowAddress {
  try {
    const kept: unknown = JSON.parse(readFileSync(file, 'utf8'))
    if (!isAddress(kept)) throw new Error('it is no address')
    // Windows has no such modes; there the user's own profile directory keeps others out.
    if (process.platform !== 'win32' && statSync(file).mode & 0o077) throw new Error('other users may have read it')
    return kept
  } catch (error) {
    const isFirst = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    if (!isFirst) log.error('the window gets a new address', { file, error })
    return { port: 0, token: newToken() }
  }
}

/** Keeps the address for the next start. If that fails (logged) the window works all the same, and moves next time. */
export function saveWindowAddress(file: string, address: WindowAddress, log: Logger): void {
  try {
    writePrivately(file, JSON.stringify(address))
  } catch (error) {
    log.error('the address of the window is not kept', { file, error })
  }
}

function isAddress(value: unknown): value is WindowAddress {
  if (typeof value !== 'object' || value === null || !('port' in value) || !('token' in value)) return false
  const { port, token } = value
  const isPort = Number.isInteger(port) && Number(port) > 0 && Number(port) <= 65535
  return isPort && typeof token === 'string' && /^[\w-]{43}$/.test(token)
}
