import { stripAnsi } from './ansi.ts'

export type Level = 'error' | 'warn' | 'info' | 'debug'
export const levels: readonly Level[] = ['error', 'warn', 'info', 'debug']

/** One line of a container's log, or a mark between two runs of it. */
export interface LogLine {
  /** Grows with arrival; also the line's key. */
  id: number
  /** RFC 3339 with nanoseconds as the kubelet wrote it; '' if the line had none. */
  time: string
  ms: number
  /** Which source it is from, an index into the view's list of them. */
  source: number
  text: string
  level: Level | undefined
  /** Not of the container: said by the window about it. */
  mark?: boolean
}

export interface LogFields {
  message: string
  fields: [name: string, value: string][]
}

const stamp = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)) ?/

/** A line as it comes with `timestamps=true`. */
export function toLogLine(raw: string, source: number, id: number): LogLine {
  const time = stamp.exec(raw)
  const text = time ? raw.slice(time[0].length) : raw
  return { id, time: time?.[1] ?? '', ms: time?.[1] ? Date.parse(time[1]) : 0, source, text, level: levelOf(text) }
}

const byName: Record<string, Level> = {
  fatal: 'error',
  panic: 'error',
  critical: 'error',
  crit: 'error',
  err: 'error',
  error: 'error',
  severe: 'error',
  warn: 'warn',
  warning: 'warn',
  info: 'info',
  notice: 'info',
  debug: 'debug',
  trace: 'debug',
}
/** pino and bunyan write levels as numbers. */
const byNumber = (n: number): Level => (n >= 50 ? 'error' : n >= 40 ? 'warn' : n >= 30 ? 'info' : 'debug')
const byLetter: Record<string, Level> = { E: 'error', F: 'error', W: 'warn', I: 'info' }

const inJson = /"(?:level|lvl|severity|levelname)"\s*:\s*(?:"(\w+)"|(\d+))/
const inLogfmt = /\b(?:level|lvl|severity)=["']?(\w+)/
const klog = /^([EFWI])\d{4} \d\d:/
/** A word near the beginning, in capitals or brackets: prose that merely speaks of errors is not one. */
const bare = /(?:^|[\s[|(])(FATAL|PANIC|CRITICAL|CRIT|ERROR|ERR|WARNING|WARN|NOTICE|INFO|DEBUG|TRACE)(?:$|[\s\]|):])/
const bracketed = /\[(fatal|panic|crit|critical|error|err|warn|warning|notice|info|debug|trace)\]/

/** What a line says of its own weight; undefined if nothing. */
export function levelOf(text: string): Level | undefined {
  const head = stripAnsi(text.slice(0, 400))
  const json = head.startsWith('{') ? inJson.exec(head) : null
  if (json) return json[2] ? byNumber(Number(json[2])) : byName[(json[1] ?? '').toLowerCase()]
  const letter = klog.exec(head)?.[1]
  if (letter) return byLetter[letter]
  const start = head.slice(0, 120)
  const word = inLogfmt.exec(head)?.[1] ?? bare.exec(start)?.[1] ?? bracketed.exec(start)?.[1]
  return word === undefined ? undefined : byName[word.toLowerCase()]
}

const messageNames = ['msg', 'message', 'log', 'event']
const hidden = new Set([
  'level',
  'lvl',
  'severity',
  'levelname',
  'time',
  'ts',
  'timestamp',
  '@timestamp',
  ...messageNames,
])

/** A JSON or logfmt line as its message and the other fields; undefined if it is neither. */
export function fieldsOf(text: string): LogFields | undefined {
  const values = jsonOf(text) ?? logfmtOf(text)
  if (!values) return undefined
  const message = messageNames.map(name => values.get(name)).find(value => value !== undefined) ?? ''
  return { message, fields: [...values].filter(([name]) => !hidden.has(name)) }
}

function jsonOf(text: string): Map<string, string> | undefined {
  if (!text.startsWith('{')) return undefined
  try {
    const value = JSON.parse(text) as Record<string, unknown>
    return new Map(Object.entries(value).map(([name, v]) => [name, typeof v === 'string' ? v : JSON.stringify(v)]))
  } catch {
    return undefined
  }
}

const pair = /([\w.@/-]+)=("(?:[^"\\]|\\.)*"|\S*)/g

/** Two pairs at least, and from the beginning: a URL with a query in a sentence is none. */
function logfmtOf(text: string): Map<string, string> | undefined {
  if (!/^[\w.@/-]+=/.test(text)) return undefined
  const pairs = [...text.matchAll(pair)].map(([, name = '', value = '']): [string, string] => [name, unquote(value)])
  return pairs.length >= 2 ? new Map(pairs) : undefined
}

function unquote(value: string): string {
  return value.startsWith('"') ? value.slice(1, -1).replace(/\\(["\\])/g, '$1') : value
}
