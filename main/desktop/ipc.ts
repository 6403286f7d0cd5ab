import type { IpcMainInvokeEvent, WebContents } from 'electron'
import { isOwnPage } from './origin.ts'

/** Turns what came over IPC into arguments; throws a TypeError on anything else. */
export type Parse<Args extends unknown[]> = (args: unknown[]) => Args

/** One method a page may call. */
export interface Handler<Args extends unknown[] = unknown[]> {
  parse: Parse<Args>
  run(this: void, ...args: Args): unknown
}

/** Pairs a parser with the function that gets what it parsed. */
export function handler<Args extends unknown[]>(parse: Parse<Args>, run: (...args: Args) => unknown): Handler {
  return { parse, run: (...args) => run(...parse(args)) }
}

/**
 * The only way from a page into this process. Handlers belong to one window and go with it; each call must come from
 * that window's top frame while it shows the window's own page, and its arguments must parse.
 */
export function handleCalls(contents: WebContents, handlers: Record<string, Handler>): void {
  for (const [channel, { parse, run }] of Object.entries(handlers)) {
    contents.ipc.handle(channel, (event, ...args: unknown[]) => {
      checkSender(contents, event)
      return run(...parse(args))
    })
  }
}

function checkSender(contents: WebContents, { sender, senderFrame }: IpcMainInvokeEvent): void {
  const isTop = senderFrame !== null && senderFrame === contents.mainFrame && senderFrame.parent === null
  if (sender !== contents || !isTop || !isOwnPage(senderFrame.url)) throw new Error('calls are for the own page only')
}
