import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { silent } from '../../shared/machinery/log.ts'
import { loadWindowAddress, newToken, saveWindowAddress } from './window-address.ts'

describe('the address of the window', () => {
  let directory: string
  let file: string
  let complaints: unknown[]
  const log = { ...silent, error: (message: string) => void complaints.push(message) }

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'window-address-'))
    file = join(directory, 'window-server.json')
    complaints = []
  })
  afterEach(() => rmSync(directory, { recursive: true }))

  it('is the same at the next start, and nobody else may read it', () => {
    const address = { port: 4711, token: newToken() }
    writeFileSync(`${file}.new`, 'of a start that was killed', { mode: 0o644 })
    saveWindowAddress(file, address, log)
    expect(loadWindowAddress(file, log)).toEqual(address)
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(readdirSync(directory)).toEqual(['window-server.json'])
    expect(complaints).toEqual([])
  })

  it('is a fresh one at the first start', () => {
    const [one, two] = [loadWindowAddress(file, log), loadWindowAddress(file, log)]
    expect(one.port).toBe(0)
    expect(one.token).toMatch(/^[\w-]{43}$/)
    expect(two.token).not.toBe(one.token)
    expect(complaints).toEqual([])
  })

  it.each([
    ['nothing', ''],
    ['half a file', '{"port":4711,"tok'],
    ['no object', 'null'],
    ['a token that can be guessed', '{"port":4711,"token":""}'],
    ['a port that is none', JSON.stringify({ port: 70_000, token: 'a'.repeat(43) })],
    ['any port', JSON.stringify({ port: 0, token: 'a'.repeat(43) })],
  ])('is a fresh one when the file holds %s', (_, text) => {
    writeFileSync(file, text, { mode: 0o600 })
    const { port, token } = loadWindowAddress(file, log)
    expect([port, token.length]).toEqual([0, 43])
    expect(token).not.toBe('a'.repeat(43))
    expect(complaints).toEqual(['the window gets a new address'])
  })

  it('is a fresh one when other users could read the file', () => {
    const address = { port: 4711, token: newToken() }
    saveWindowAddress(file, address, log)
    chmodSync(file, 0o644)
    expect(loadWindowAddress(file, log).token).not.toBe(address.token)
  })

  it('costs nothing but itself when it cannot be kept', () => {
    saveWindowAddress(join(directory, 'not-there', 'window-server.json'), { port: 1, token: newToken() }, log)
    expect(complaints).toEqual(['the address of the window is not kept'])
  })
})
