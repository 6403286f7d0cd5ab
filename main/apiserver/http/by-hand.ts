import { STATUS_CODES } from 'node:http'
import type { StatusError } from '../../../shared/machinery/status.ts'
import type { Headers } from '../request.ts'

/** Status line and headers, where Node's server does not write them. */
export function headText({ status, headers }: { status: number; headers: Headers }): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  return `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${lines.join('\r\n')}\r\n\r\n`
}

/** The whole answer to what never became a request: a Status, and the end of the connection. */
export function refusalText({ code, status }: StatusError): string {
  const text = JSON.stringify(status)
  const headers = {
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(text)),
    connection: 'close',
  }
  return headText({ status: code, headers }) + text
}
