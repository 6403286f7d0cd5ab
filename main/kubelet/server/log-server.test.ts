import { expect, it } from 'vitest'
import { serveLogs } from './log-server.ts'

it('links to files by their names, whatever pods call them', async () => {
  const names = ['javascript:alert(1)', 'a"b&c?#', 'pods/']
  const { body } = await serveLogs({ open: async () => ({ names }) }, '')
  const pieces = []
  for await (const piece of body) pieces.push(piece)
  const links = [
    ...Buffer.concat(pieces)
      .toString()
      .matchAll(/href="([^"]*)"/g),
  ].map(([, link]) => link)
  expect(links).toEqual(['javascript%3Aalert(1)', 'a%22b%26c%3F%23', 'pods/'])
})
