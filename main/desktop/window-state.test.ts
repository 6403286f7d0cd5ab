import { EventEmitter } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BrowserWindow } from 'electron'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { keepWindowState, loadWindowState } from './window-state.ts'

const screen = { x: 0, y: 0, width: 1920, height: 1080 }
const right = { x: 1920, y: 0, width: 1280, height: 800 }

let directory: string
let file: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'state-'))
  file = join(directory, 'window.json')
})
afterEach(() => rmSync(directory, { recursive: true }))

const load = (state: unknown, screens = [screen, right]) => {
  writeFileSync(file, typeof state === 'string' ? state : JSON.stringify(state))
  return loadWindowState(file, screens)
}

it('comes back where it was', () => {
  const state = { x: 2000, y: 50, width: 1000, height: 700, maximised: true }
  expect(load(state)).toEqual(state)
})

it('is placed anew when its screen is gone', () => {
  const state = { x: 2000, y: 50, width: 1000, height: 700, maximised: false }
  expect(load(state, [screen])).toEqual({ width: 1000, height: 700, maximised: false })
})

it('is placed anew when its title bar could not be caught', () => {
  for (const place of [
    { x: 0, y: -200 },
    { x: -990, y: 0 },
    { x: 0, y: 1079 },
  ]) {
    expect(load({ ...place, width: 1000, height: 700 }, [screen])).not.toHaveProperty('x')
  }
})

it('fits its screen and never gets too small', () => {
  expect(load({ x: 1920, y: 0, width: 5000, height: 5000 })).toMatchObject({ width: 1280, height: 800 })
  expect(load({ x: 0, y: 0, width: 10, height: 10 })).toMatchObject({ width: 960, height: 600 })
})

it.each(['', '{', 'null', '[]', '{"width":"1"}', '{"width":null,"height":2}'])('starts afresh from %j', text => {
  expect(load(text)).toEqual({ width: 1440, height: 900, maximised: false })
})

it('keeps the normal bounds of a maximised window', () => {
  const bounds = { x: 10, y: 20, width: 1000, height: 700 }
  const window = Object.assign(new EventEmitter(), { getNormalBounds: () => bounds, isMaximized: () => true })
  keepWindowState(window as unknown as BrowserWindow, file)
  window.emit('close')
  expect(loadWindowState(file, [screen])).toEqual({ ...bounds, maximised: true })
})
