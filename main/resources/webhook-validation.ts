import type { StatusCause } from '../../shared/api/object.ts'
import { child, invalid, required } from '../../shared/machinery/field-errors.ts'
import { isDns1123Subdomain, isPortNumber } from '../../shared/machinery/names.ts'

const form = '; desired format: https://host[/path]'

/** Whether a webhook can be called at a URL (apiserver/pkg/util/webhook ValidateWebhookURL). */
export function validateWebhookUrl(text: string, path: string): StatusCause[] {
  const parts =
    /^(?:([A-Za-z][-+.A-Za-z0-9]*):)?(?:\/\/(?:([^@/?#]*)@)?([^/?#]*))?[^?#]*(?:\?([^#]*))?(?:#(.*))?$/su.exec(text)
  if (!parts || /[\0-\x20\x7f]/u.test(text)) {
    return [required(path, `url must be a valid URL: parse ${JSON.stringify(text)}: invalid character in URL${form}`)]
  }
  const [, scheme = '', user, host = '', query = '', fragment = ''] = parts
  const faults: StatusCause[] = []
  if (scheme !== 'https') faults.push(invalid(path, scheme, `'https' is the only allowed URL scheme${form}`))
  if (host === '') faults.push(invalid(path, host, `host must be specified${form}`))
  if (user !== undefined) faults.push(invalid(path, user, 'user information is not permitted in the URL'))
  if (fragment !== '') faults.push(invalid(path, fragment, 'fragments are not permitted in the URL'))
  if (query !== '') faults.push(invalid(path, query, 'query parameters are not permitted in the URL'))
  return faults
}

interface ServiceReference {
  name: string
  namespace: string
  path?: string
  port?: number
}

/** Whether a webhook can be called at a Service (ValidateWebhookService). */
export function validateWebhookService(
  { name, namespace, path: urlPath, port = 443 }: ServiceReference,
  path: string,
): StatusCause[] {
  const faults: StatusCause[] = []
  if (name === '') faults.push(required(child(path, 'name')))
  if (namespace === '') faults.push(required(child(path, 'namespace')))
  const wrong = isPortNumber(port)
  if (wrong.length > 0) faults.push(invalid(child(path, 'port'), port, `port is not valid: ${wrong.join(', ')}`))
  return urlPath ? [...faults, ...validatePath(urlPath, child(path, 'path'))] : faults
}

function validatePath(urlPath: string, path: string): StatusCause[] {
  if (urlPath === '/') return []
  if (urlPath === '//') return [invalid(path, urlPath, 'segment[0] may not be empty')]
  const faults = urlPath.startsWith('/') ? [] : [invalid(path, urlPath, "must start with a '/'")]
  urlPath
    .slice(1)
    .replace(/\/$/, '')
    .split('/')
    .forEach((step, i) => {
      const wrong = step === '' ? [] : isDns1123Subdomain(step)
      if (step === '') faults.push(invalid(path, urlPath, `segment[${i}] may not be empty`))
      for (const text of wrong) faults.push(invalid(path, urlPath, `segment[${i}]: ${text}`))
    })
  return faults
}
