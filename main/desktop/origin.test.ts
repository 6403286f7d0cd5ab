import { expect, it } from 'vitest'
import { isOwnPage, isSafeExternally } from './origin.ts'

it.each(['podbay://app/', 'podbay://app/index.html#/pods', 'podbay://app'])('knows %s as its own', address => {
  expect(isOwnPage(address)).toBe(true)
})

it.each([
  'podbay://app.evil.example/',
  'podbay://evil@app/',
  'podbay://app:1/',
  'podbay:app',
  'https://app/',
  'file:///app/',
  'about:blank',
  'data:text/html,x',
  '',
])('does not take %j for its own', address => {
  expect(isOwnPage(address)).toBe(false)
})

it.each(['https://kubernetes.io/docs', 'http://127.0.0.1:8080/', 'http://localhost:3000/x', 'http://[::1]:80/'])(
  'hands %s to the browser',
  address => {
    expect(isSafeExternally(address)).toBe(true)
  },
)

it.each([
  'http://kubernetes.io/',
  'http://127.0.0.1.evil.example/',
  'http://localhost.evil.example/',
  'https://user:password@evil.example/',
  'file:///etc/passwd',
  'javascript:alert(1)',
  'vscode://x',
  'smb://x/y',
  'https:',
  'not a url',
])('hands %j to nobody', address => {
  expect(isSafeExternally(address)).toBe(false)
})
