import type { StatusCause } from '../../../shared/api/object.ts'
import { forbidden, invalid } from '../../../shared/machinery/field-errors.ts'
import { badRequest } from '../../../shared/machinery/status.ts'
import type { LogOptions } from '../../../shared/machinery/streams.ts'
import { queryFlag } from './query-flag.ts'

interface Asked {
  options: Omit<LogOptions, 'signal'> & { previous: boolean }
  /** What is wrong with their values (pkg/apis/core/validation, ValidatePodLogOptions). */
  causes: StatusCause[]
}

/** The PodLogOptions of a query; `now` in milliseconds. Throws 400 for what is no number or no time. */
export function logOptions(query: URLSearchParams, now: number): Asked {
  const flag = (name: string) => queryFlag(query, name)
  const number = (name: string): number | undefined => {
    const text = query.get(name)
    if (text === null || text === '') return undefined
    if (!/^-?\d+$/.test(text)) throw badRequest(`strconv.ParseInt: parsing "${text}": invalid syntax`)
    return Number(text)
  }
  const tailLines = number('tailLines')
  const limitBytes = number('limitBytes')
  const sinceSeconds = number('sinceSeconds')
  const sinceTime = query.get('sinceTime') || undefined
  const causes: StatusCause[] = []
  if (tailLines !== undefined && tailLines < 0)
    causes.push(invalid('tailLines', tailLines, 'must be greater than or equal to 0'))
  if (limitBytes !== undefined && limitBytes < 1)
    causes.push(invalid('limitBytes', limitBytes, 'must be greater than 0'))
  if (sinceSeconds !== undefined && sinceTime !== undefined)
    causes.push(forbidden('', 'at most one of `sinceTime` or `sinceSeconds` may be specified'))
  else if (sinceSeconds !== undefined && sinceSeconds < 1)
    causes.push(invalid('sinceSeconds', sinceSeconds, 'must be greater than 0'))
  // PodLogsQuerySplitStreams is off by default.
  if (query.has('stream')) causes.push(forbidden('stream', 'may not be specified'))
  const since = sinceSeconds !== undefined ? now - sinceSeconds * 1000 : sinceTime && Date.parse(sinceTime)
  if (typeof since === 'number' && Number.isNaN(since))
    throw badRequest(`sinceTime "${sinceTime ?? ''}" is no RFC 3339 time`)
  const options = {
    follow: flag('follow'),
    previous: flag('previous'),
    timestamps: flag('timestamps'),
    ...(tailLines !== undefined && { tailLines }),
    ...(limitBytes !== undefined && { limitBytes }),
    ...(typeof since === 'number' && { since }),
  }
  return { options, causes }
}
