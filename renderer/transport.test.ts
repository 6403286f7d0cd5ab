import { beforeEach, describe, expect, it } from 'vitest'
import { takeToken } from './transport.ts'

describe('takeToken', () => {
  beforeEach(() => {
    sessionStorage.clear()
    history.replaceState(null, '', '/')
  })

  it('takes the token out of the address and keeps it for reloads', () => {
    history.replaceState(null, '', '/#token=abc-123_x')
    expect(takeToken(window)).toBe('abc-123_x')
    expect(location.hash).toBe('')
    expect(takeToken(window)).toBe('abc-123_x')
  })

  it('leaves the fragment of a route alone', () => {
    history.replaceState(null, '', '/#/problems')
    expect(takeToken(window)).toBe('')
    expect(location.hash).toBe('#/problems')
  })
})
