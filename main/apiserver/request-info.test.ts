import { expect, test } from 'vitest'
import { requestInfoOf } from './request-info.ts'

const infoOf = (method: string, target: string) => {
  const [path = '', query = ''] = target.split('?')
  const { verb, group, version, namespace, resource, subresource, name, isResource } = requestInfoOf(
    method,
    path,
    new URLSearchParams(query),
  )
  return isResource ? [verb, group, version, namespace, resource, subresource, name].join(' ') : `${verb} ${path}`
}

test.each([
  ['GET', '/api/v1/pods', 'list  v1  pods  '],
  ['GET', '/api/v1/namespaces/a/pods', 'list  v1 a pods  '],
  ['GET', '/api/v1/namespaces/a/pods?watch=true', 'watch  v1 a pods  '],
  ['GET', '/api/v1/namespaces/a/pods?watch=0', 'list  v1 a pods  '],
  ['GET', '/api/v1/namespaces/a/pods?fieldSelector=metadata.name%3Dx', 'list  v1 a pods  x'],
  ['GET', '/api/v1/namespaces/a/pods/x', 'get  v1 a pods  x'],
  ['GET', '/api/v1/namespaces/a/pods/x/log', 'get  v1 a pods log x'],
  ['POST', '/api/v1/namespaces/a/pods/x/binding', 'create  v1 a pods binding x'],
  ['GET', '/api/v1/namespaces/a', 'get  v1 a namespaces  a'],
  ['PUT', '/api/v1/namespaces/a/finalize', 'update  v1 a namespaces finalize a'],
  ['PATCH', '/api/v1/namespaces/a/status', 'patch  v1 a namespaces status a'],
  ['DELETE', '/apis/apps/v1/namespaces/a/deployments', 'deletecollection apps v1 a deployments  '],
  ['DELETE', '/apis/apps/v1/namespaces/a/deployments/x', 'delete apps v1 a deployments  x'],
  ['GET', '/apis/apps/v1', 'get /apis/apps/v1'],
  ['GET', '/version', 'get /version'],
  // HTTP/2 lets clients make methods up.
  ['constructor', '/api/v1/pods', '  v1  pods  '],
  ['GET', '/api/v1/namespaces/a/configmaps/x%2Fy', 'get  v1 a configmaps  x/y'],
])('%s %s is %s', (method, target, expected) => {
  expect(infoOf(method, target)).toBe(expected)
})

test('a path that is not well escaped is refused', () => {
  expect(() => requestInfoOf('GET', '/api/v1/pods/%zz', new URLSearchParams())).toThrow(URIError)
})
