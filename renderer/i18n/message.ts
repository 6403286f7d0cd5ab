import type en from './en.ts'

type Leaves<T, Path extends string = ''> = {
  [K in keyof T & string]: T[K] extends string ? `${Path}${K}` : Leaves<T[K], `${Path}${K}.`>
}[keyof T & string]

/** The shape every language has. */
export type Messages = Omit<Widen<typeof en>, 'state'> & {
  /** In English Kubernetes' own words stand; other languages add theirs. */
  state: Widen<typeof en>['state'] & Record<string, string>
}
type Widen<T> = { [K in keyof T]: T[K] extends string ? string : Widen<T[K]> }

/** A key of the texts, `why.exit.code`. */
export type MessageKey = Leaves<typeof en>

/** A text to be: what pure functions return instead of words. `n` chooses the plural and is also `{n}`. */
export interface Message {
  key: MessageKey
  /** A list of messages is joined as the language does it. */
  params?: Readonly<Record<string, string | number | readonly Message[]>>
  n?: number
}
