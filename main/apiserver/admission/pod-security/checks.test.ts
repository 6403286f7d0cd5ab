import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { violationsOf } from './checks.ts'
import type { PodLike } from './containers.ts'

interface Case extends PodLike {
  /** By level: the text of the violations since each minor version that changed it. */
  said: Record<'baseline' | 'restricted', Record<string, string>>
}

/*
 * testdata/pods.jsonl holds what k8s.io/pod-security-admission v0.36.0 said of these pods in all versions, called from a
 * Go program.
 */
const lines = readFileSync(new URL('testdata/pods.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
const cases = lines.map(line => JSON.parse(line) as Case)

test.each(cases.map((each, i) => [i, each] as const))('pod %i violates what upstream says', (_, { said, ...pod }) => {
  for (const level of ['baseline', 'restricted'] as const) {
    let text = ''
    for (let minor = 0; minor < 40; minor++) {
      text = said[level][minor] ?? text
      const found = violationsOf(pod, { level, minor }).map(({ reason, detail }) => `${reason} (${detail})`)
      expect(found.join(', '), `${level} v1.${minor}`).toBe(text)
    }
    expect(violationsOf(pod, { level, minor: Infinity }).map(({ reason }) => reason).length).toBe(
      violationsOf(pod, { level, minor: 36 }).length,
    )
  }
})

test('nothing is asked of the privileged level', () => {
  const spec = { containers: [{ name: 'c', image: 'i', securityContext: { privileged: true } }] }
  expect(violationsOf({ annotations: {}, spec }, { level: 'privileged', minor: Infinity })).toEqual([])
})
