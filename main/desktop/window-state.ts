import { readFileSync, writeFileSync } from 'node:fs'
import type { BrowserWindow, Rectangle } from 'electron'

/** Where a window was and is to be again. Without x and y the system chooses the place. */
export interface WindowState {
  x?: number
  y?: number
  width: number
  height: number
  maximised: boolean
}

export const smallest = { width: 960, height: 600 }
const first: WindowState = { width: 1440, height: 900, maximised: false }
/** So much of the title bar must be on a screen for a hand to catch it. */
const grip = 80

/**
 * The kept state made to fit the screens there are now: a window on a screen that was unplugged is placed anew, one
 * larger than its screen is made smaller. Anything unreadable means the first state.
 */
export function loadWindowState(file: string, workAreas: Rectangle[]): WindowState {
  const kept = read(file)
  if (!kept) return first
  const { x, y, maximised } = kept
  const area = workAreas.find(a => x !== undefined && y !== undefined && holdsGrip(a, { x, y, width: kept.width }))
  const limit = area ?? workAreas[0]
  const width = Math.max(Math.min(kept.width, limit?.width ?? kept.width), smallest.width)
  const height = Math.max(Math.min(kept.height, limit?.height ?? kept.height), smallest.height)
  return { width, height, maximised, ...(area && x !== undefined && y !== undefined && { x, y }) }
}

/** Keeps the state whenever the window closes: its normal bounds, so that un-maximising finds them again. */
export function keepWindowState(window: BrowserWindow, file: string): void {
  window.on('close', () => {
    const state: WindowState = { ...window.getNormalBounds(), maximised: window.isMaximized() }
    try {
      writeFileSync(file, JSON.stringify(state))
    } catch {
      // A full or read-only disk costs the window its place, nothing else.
    }
  })
}

function holdsGrip(area: Rectangle, { x, y, width }: { x: number; y: number; width: number }): boolean {
  const visible = Math.min(x + width, area.x + area.width) - Math.max(x, area.x)
  return visible >= grip && y >= area.y && y <= area.y + area.height - grip
}

function read(file: string): WindowState | undefined {
  try {
    const state = JSON.parse(readFileSync(file, 'utf8')) as Partial<Record<keyof WindowState, unknown>> | null
    const whole = (n: unknown): number | undefined =>
      typeof n === 'number' && Number.isFinite(n) ? Math.round(n) : undefined
    const [x, y, width, height] = [whole(state?.x), whole(state?.y), whole(state?.width), whole(state?.height)]
    if (width === undefined || height === undefined) return undefined
    return { width, height, maximised: state?.maximised === true, ...(x !== undefined && y !== undefined && { x, y }) }
  } catch {
    return undefined
  }
}
