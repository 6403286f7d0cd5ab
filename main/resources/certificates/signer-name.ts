import type { StatusCause } from '../../../shared/api/object.ts'
import { invalid, required, tooLong } from '../../../shared/machinery/field-errors.ts'
import { byteLength, isDns1123Label, isDns1123Subdomain } from '../../../shared/machinery/names.ts'

const domainLimit = 253
const nameLimit = 571

/** What is wrong with the name of a signer, `example.com/name` (pkg/apis/core/validation/names.go ValidateSignerName). */
export function validateSignerName(path: string, name: string): StatusCause[] {
  if (name === '') return [required(path)]
  const [domain = '', own = '', ...more] = name.split('/')
  if (!name.includes('/') || more.length > 0) {
    const form = "must be a fully qualified domain and path of the form 'example.com/signer-name'"
    return [invalid(path, name, form)]
  }
  const labels = domain.split('.')
  const faulty = (texts: readonly string[], check: (text: string) => string[]) => {
    const text = texts.find(each => check(each).length > 0)
    return text === undefined ? [] : check(text).map(fault => `validating label ${JSON.stringify(text)}: ${fault}`)
  }
  return [
    ...(byteLength(domain) > domainLimit ? [tooLong(path, domainLimit)] : []),
    ...faulty(labels, isDns1123Label).map(fault => invalid(path, domain, fault)),
    ...(labels.length < 2
      ? [invalid(path, domain, 'should be a domain with at least two segments separated by dots')]
      : []),
    ...faulty(own.split('.'), isDns1123Subdomain).map(fault => invalid(path, own, fault)),
    ...(byteLength(name) > nameLimit ? [tooLong(path, nameLimit)] : []),
  ]
}
