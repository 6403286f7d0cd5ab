import { quote } from '../../../shared/machinery/field-errors.ts'

const texts: Partial<Record<number, string>> = {
  400: 'the server rejected our request for an unknown reason',
  401: 'the server has asked for the client to provide credentials',
  404: 'the server could not find the requested resource',
  405: 'the server does not allow this method on the requested resource',
  406: 'the server was unable to respond with a content type that the client supports',
  409: 'the server reported a conflict',
  415: 'the body of the request was in an unknown format - accepted media types include: ',
  422: 'the server rejected our request due to an error in our request',
  429: 'the server has received too many requests and has asked us to try again later',
  503: 'the server is currently unable to handle the request',
  504: 'the server was unable to return a response in the time allotted, but may still be processing the request',
}

/** What client-go makes of an answer that is an error and no Status (apimachinery/pkg/api/errors NewGenericServerResponse). */
export function serverErrorText(status: number, body: string): string {
  if (status === 403) return `forbidden: ${body === '' ? 'unknown' : body.trim()}`
  const known = texts[status]
  if (known !== undefined) return known
  if (status < 500) return `the server responded with the status code ${status} but did not return more information`
  return `an error on the server (${quote(body === '' ? 'unknown' : body.trim())}) has prevented the request from succeeding`
}
