import { describe, expect, it } from 'vitest'
import { aPod } from '../pod/pod.fixture.ts'
import { exceededLimit, storageLimits } from './storage-limits.ts'

const mebi = 2 ** 20
const usage = (volumes: Record<string, number>, containers: Record<string, number> = {}) => ({
  volumes: new Map(Object.entries(volumes)),
  containers: new Map(Object.entries(containers)),
})

describe('storage limits', () => {
  it('are none for a pod without them, nor for what is in memory', () => {
    expect(storageLimits(aPod())).toBeUndefined()
    const volumes = [{ name: 'v', emptyDir: { medium: 'Memory', sizeLimit: '10Mi' } }]
    expect(storageLimits(aPod({ volumes }))).toBeUndefined()
  })

  it("of an emptyDir is exceeded by more than it, in upstream's words", () => {
    const limits = storageLimits(aPod({ volumes: [{ name: 'v', emptyDir: { sizeLimit: '10Mi' } }] }))!
    expect(exceededLimit(limits, usage({ v: 10 * mebi }))).toBeUndefined()
    expect(exceededLimit(limits, usage({ v: 10 * mebi + 1 }))).toBe(
      'Usage of EmptyDir volume "v" exceeds the limit "10Mi". ',
    )
  })

  it('of containers count for each, and their sum for the whole pod with its volumes', () => {
    const resources = { limits: { 'ephemeral-storage': '2Mi' } }
    const containers = ['a', 'b'].map(name => ({ name, image: 'nginx', resources }))
    const limits = storageLimits(aPod({ containers }))!
    expect(exceededLimit(limits, usage({ v: mebi }, { a: mebi, b: 2 * mebi }))).toBeUndefined()
    expect(exceededLimit(limits, usage({}, { a: 2 * mebi + 1 }))).toBe(
      'Container a exceeded its local ephemeral storage limit "2Mi". ',
    )
    expect(exceededLimit(limits, usage({ v: 3 * mebi }, { a: mebi, b: mebi }))).toBe(
      'Pod ephemeral local storage usage exceeds the total limit of containers 4Mi. ',
    )
  })
})
