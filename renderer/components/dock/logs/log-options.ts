import type { Level } from './log-line.ts'

/** What a log view was set to. */
export interface LogOptions {
  filter: string
  /** The filter is a regular expression. */
  regex: boolean
  search: string
  hiddenLevels: ReadonlySet<Level>
  /** '' for all but init containers. */
  container: string
  previous: boolean
  /** Last lines to read at first; 0 for all. */
  tail: number
  fields: boolean
  wrap: boolean
  timestamps: boolean
}

export const firstOptions: LogOptions = {
  filter: '',
  regex: false,
  search: '',
  hiddenLevels: new Set(),
  container: '',
  previous: false,
  tail: 1_000,
  fields: true,
  wrap: false,
  timestamps: true,
}
