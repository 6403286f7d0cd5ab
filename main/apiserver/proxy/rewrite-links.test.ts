import { expect, test } from 'vitest'
import { rewriteHtml, rewriteUrl } from './rewrite-links.ts'

const place = { host: '10.0.0.5:80', requestHost: 'localhost:8001', prefix: '/api/v1/p/proxy' }

// After apimachinery/pkg/util/proxy/transport_test.go.
test.each([
  ['/whatever', '/api/v1/p/proxy/whatever'],
  ['/dir/', '/api/v1/p/proxy/dir/'],
  ['/../up', '/api/v1/p/proxy/../up'.replace('/proxy/..', '')],
  ['http://10.0.0.5:80/a?b#c', '/api/v1/p/proxy/a?b#c'],
  ['http://localhost:8001/a', 'http://localhost:8001/api/v1/p/proxy/a'],
  ['//localhost:8001/a', '//localhost:8001/api/v1/p/proxy/a'],
  ['/api/v1/p/proxy/already', '/api/v1/p/proxy/already'],
  ['relative', 'relative'],
  ['?query', '?query'],
  ['#anchor', '#anchor'],
  ['https://elsewhere/a', 'https://elsewhere/a'],
  ['mailto:someone', 'mailto:someone'],
])('%s becomes %s', (link, expected) => {
  expect(rewriteUrl(link, place)).toBe(expected)
})

const upper = (link: string) => link.toUpperCase()

test.each([
  [`<A HREF='/a' class="/b">/c</A>`, `<A HREF='/A' class="/b">/c</A>`],
  ['<img alt="a > b" src="/a"/>', '<img alt="a > b" src="/A"/>'],
  [
    '<script src="/a">var b = \'<a href="/b">\'</script><a href="/c">',
    '<script src="/A">var b = \'<a href="/b">\'</script><a href="/C">',
  ],
  ['<video poster=/a src = "/b" controls>', '<video poster=/A src = "/B" controls>'],
  ['a < b <1 <> <a', 'a < b <1 <> <a'],
  ['<a href="/a', '<a href="/A'],
  ['<constructor href="/a">', '<constructor href="/a">'],
  ['\u0130<title><a href="/a"></title><a href="/b">', '\u0130<title><a href="/a"></title><a href="/B">'],
])('links of %s', (html, expected) => {
  expect(rewriteHtml(html, upper)).toBe(expected)
})

test('no page takes more than linear time', () => {
  const size = 2 ** 20
  for (const part of ['<a ', '<a href="', '<!--', '<script>', '<a a=', '< ', "<a '"]) {
    const page = part.repeat(size / part.length)
    expect(rewriteHtml(page, link => link)).toBe(page)
  }
})
