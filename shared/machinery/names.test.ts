import { describe, expect, test } from 'vitest'
import * as names from './names.ts'

const label =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
const subdomain =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
const key =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"

describe('upstream texts', () => {
  test.each([
    [names.isDns1123Label, 'web-1', []],
    [names.isDns1123Label, 'a.b', ['must not contain dots']],
    [names.isDns1123Label, 'Web', [label]],
    [names.isDns1123Label, 'a'.repeat(64), ['must be no more than 63 characters']],
    [names.isDns1123Subdomain, 'a.b-c', []],
    [names.isDns1123Subdomain, 'a..b', [subdomain]],
    [names.isDns1123Subdomain, '', [subdomain]],
    [names.isDns1123Subdomain, 'a\n', [subdomain]],
    [names.isQualifiedName, 'app', []],
    [names.isQualifiedName, 'example.com/App_1', []],
    [names.isQualifiedName, '', ['name part must be non-empty', `name part ${key}`]],
    [names.isQualifiedName, '/a', ['prefix part must be non-empty']],
    [names.isQualifiedName, 'A/b', [`prefix part ${subdomain}`]],
    [
      names.isQualifiedName,
      'a/b/c',
      [`a valid label key ${key} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`],
    ],
    [names.isQualifiedName, 'a'.repeat(64), ['name part must be no more than 63 bytes']],
    [names.isLabelValue, '', []],
    [names.isLabelValue, 'a'.repeat(64), ['must be no more than 63 bytes']],
    [names.isPortName, 'http', []],
    [names.isPortName, '80', ['must contain at least one letter (a-z)']],
    [names.isPortName, 'a--b-', ['must not contain consecutive hyphens', 'must not begin or end with a hyphen']],
    [names.isPathSegmentName, '..', ["may not be '..'"]],
    [names.isPathSegmentName, 'a/b%', ["may not contain '/'", "may not contain '%'"]],
    [names.isConfigMapKey, '..data', ["must not start with '..'"]],
    [names.isConfigMapKey, '.', ["must not be '.'"]],
    [names.isDns1035Label, 'web-1', []],
    [
      names.isDns1035Label,
      '1web',
      [
        "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')",
      ],
    ],
    [names.isWildcardDns1123Subdomain, '*.example.com', []],
    [
      names.isWildcardDns1123Subdomain,
      'example.com',
      [
        "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character (e.g. '*.example.com', regex used for validation is '\\*\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
      ],
    ],
    [names.isRelaxedEnvVarName, '1 a-b', []],
    [
      names.isRelaxedEnvVarName,
      'a=b',
      ["a valid environment variable name must consist only of printable ASCII characters other than '='"],
    ],
    [names.isRelaxedEnvVarName, '', ['environment variable name must be non-empty']],
  ])('%o on %j', (check, value, expected) => {
    expect(check(value)).toEqual(expected)
  })

  test('ports and ids', () => {
    expect(names.isPortNumber(0)).toEqual(['must be between 1 and 65535, inclusive'])
    expect(names.isPortNumber(65535)).toEqual([])
    expect(names.isUnixId(-1)).toEqual(['must be between 0 and 2147483647, inclusive'])
  })
})
