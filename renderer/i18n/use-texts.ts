import { useI18n } from 'vue-i18n'
import type { Kind } from '../live/discovery.ts'
import type { ObjectStatus } from '../status/status.ts'
import { humanDuration } from '../../shared/machinery/duration.ts'
import type { Message } from './message.ts'

/** The window's words: texts, states, kinds, ages, times, all in the user's language. */
export function useTexts() {
  const composer = useI18n()
  const { t, locale } = composer
  const te = (key: string) => composer.te(key)

  /** A Message of a pure function as text; backticks stay for RichText. */
  const say = (message: Message | string): string => {
    if (typeof message === 'string') return message
    const params = Object.fromEntries(
      Object.entries(message.params ?? {}).map(([name, value]) => [name, paramText(value)]),
    )
    return message.n === undefined ? t(message.key, params) : t(message.key, { ...params, n: message.n }, message.n)
  }

  const paramText = (value: string | number | readonly Message[]): string => {
    if (typeof value === 'number') return number(value)
    return typeof value === 'string' ? value : join(value.map(say))
  }

  const join = (parts: readonly string[]): string =>
    new Intl.ListFormat(locale.value, { type: 'conjunction' }).format(parts)

  const number = (value: number): string =>
    new Intl.NumberFormat(locale.value, { maximumFractionDigits: 1 }).format(value)

  const oneWord = (word: string): string => {
    const bare = word.replace(/^Init:/, '')
    const key = `state.${bare}`
    const own = te(key) ? t(key) : bare
    return bare === word ? own : t('state.init', { word: own })
  }

  /** `Running, restarted`: Kubernetes' word in English, its translation elsewhere. */
  const stateText = ({ word, note }: ObjectStatus): string =>
    note ? t('state.withNote', { word: oneWord(word), note: oneWord(note) }) : oneWord(word)

  /** A kind as a title: plural in English, as Kubernetes spells it in Chinese. */
  const kindTitle = ({ ref }: Pick<Kind, 'ref'>): string => {
    const key = `kind.${ref.kind}`
    if (te(key)) return t(key)
    return locale.value === 'en' ? plural(ref.kind) : ref.kind
  }

  /** A column head: translated if it is one of Kubernetes' common ones. */
  const columnTitle = (name: string): string => (te(`column.${name}`) ? t(`column.${name}`) : name)

  /** How long, from milliseconds: `4m22s` as kubectl prints it, `4 分钟` in Chinese. */
  const duration = (ms: number): string => (locale.value === 'en' ? humanDuration(Math.max(0, ms)) : brief(ms))

  /** The same in one unit, for what is long ago: `1m`, `9m`, `6d`. */
  const brief = (ms: number): string => {
    const seconds = Math.max(0, Math.floor(ms / 1000))
    if (seconds < 60) return t('age.seconds', { n: seconds })
    if (seconds < 3_600) return t('age.minutes', { n: Math.floor(seconds / 60) })
    if (seconds < 48 * 3_600) return t('age.hours', { n: Math.floor(seconds / 3_600) })
    return t('age.days', { n: Math.floor(seconds / 86_400) })
  }

  /** `14:06:02` */
  const time = (ms: number): string =>
    new Intl.DateTimeFormat(locale.value, {
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      hourCycle: 'h23',
    }).format(ms)

  /** A moment of any day, `21 Nov 2026, 14:06:02`. */
  const moment = (ms: number): string =>
    new Intl.DateTimeFormat(locale.value, { dateStyle: 'medium', timeStyle: 'medium', hourCycle: 'h23' }).format(ms)

  return { t, locale, say, number, stateText, kindTitle, columnTitle, duration, brief, join, time, moment }
}

/** English plural of a kind: Pods, Ingresses, NetworkPolicies. */
export function plural(kind: string): string {
  if (/s$|x$|ch$/.test(kind)) return kind === 'Endpoints' ? kind : `${kind}es`
  return /[^aeiou]y$/.test(kind) ? `${kind.slice(0, -1)}ies` : `${kind}s`
}
