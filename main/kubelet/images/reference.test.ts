import { describe, expect, it } from 'vitest'
import { canonicalName, imageRef, parseImageReference, withDefaultTag } from './reference.ts'

const digest = `sha256:${'a'.repeat(64)}`

describe('image references', () => {
  it.each([
    ['nginx', 'docker.io/library/nginx', 'nginx:latest'],
    ['me/app:1', 'docker.io/me/app', 'me/app:1'],
    ['index.docker.io/nginx', 'docker.io/library/nginx', 'index.docker.io/nginx:latest'],
    ['localhost/app', 'localhost/app', 'localhost/app:latest'],
    ['localhost:5000/a/b', 'localhost:5000/a/b', 'localhost:5000/a/b:latest'],
    ['[::1]:5000/a', '[::1]:5000/a', '[::1]:5000/a:latest'],
    ['Registry/a', 'Registry/a', 'Registry/a:latest'],
    [`ghcr.io/x/y@${digest}`, 'ghcr.io/x/y', `ghcr.io/x/y@${digest}`],
    [`ghcr.io/x/y:1@${digest}`, 'ghcr.io/x/y', `ghcr.io/x/y:1@${digest}`],
  ])('reads %s', (image, repository, withTag) => {
    expect(parseImageReference(image).repository).toBe(repository)
    expect(withDefaultTag(image)).toBe(withTag)
  })

  const invalid = 'invalid reference format'
  it.each([
    ['', invalid],
    ['nginx:', invalid],
    ['a//b', invalid],
    ['nginx:1:2', invalid],
    ['https://x/y', invalid],
    ['Nginx', `${invalid}: repository name (library/Nginx) must be lowercase`],
    ['example.com/App:1', `${invalid}: repository name (App) must be lowercase`],
    ['a'.repeat(256), 'repository name must not be more than 255 characters'],
    ['b'.repeat(64), `invalid repository name (${'b'.repeat(64)}), cannot specify 64-byte hexadecimal strings`],
    [`nginx@md5:${'a'.repeat(32)}`, 'unsupported digest algorithm'],
    [`nginx@sha256:${'a'.repeat(63)}`, 'invalid checksum digest length'],
    [`nginx@sha256:${'A'.repeat(64)}`, 'invalid checksum digest format'],
  ])('refuses %j in the words of upstream', (image, message) => {
    expect(() => parseImageReference(image)).toThrow(new Error(message))
  })

  it('are the same, however they are written', () => {
    expect(canonicalName('nginx')).toBe(canonicalName('docker.io/library/nginx:latest'))
    expect(canonicalName(`nginx:1@${digest}`)).toBe(canonicalName(`nginx@${digest}`))
    expect(canonicalName('nginx:1')).not.toBe(canonicalName('nginx:2'))
  })

  it('show an image by its digest where it was asked for, or by its id', () => {
    const other = `quay.io/nginx@${digest}`
    const image = { id: 'sha256:1', digests: [other, `nginx@${digest}`] }
    expect(imageRef('nginx:1', image)).toBe(`docker.io/library/nginx@${digest}`)
    expect(imageRef('mine:1', image)).toBe(other)
    expect(imageRef('mine:1', { ...image, digests: [] })).toBe('sha256:1')
  })
})
