import { expect, it } from 'vitest'
import type { ContainerStatus } from '../../../shared/api/core.ts'
import { createTerminations } from './terminations.ts'

const status = (name: string, state: ContainerStatus['state']) => ({
  name,
  ready: false,
  restartCount: 0,
  image: '',
  imageID: '',
  ...(state && { state }),
})
const ended = (name: string, exitCode: number, reason = 'Error') => status(name, { terminated: { exitCode, reason } })
const runs = (name: string) => status(name, { running: {} })

it('counts each end once, by kind, exit code and reason', () => {
  const terminations = createTerminations()
  const first = { containerStatuses: [ended('a', 139), runs('b')], initContainerStatuses: [ended('i', 0, 'Completed')] }
  const second = { ...first, containerStatuses: [ended('a', 139), ended('b', 139)] }
  terminations.count(undefined, first)
  terminations.count(first, second)
  terminations.count(second, { ...second, ephemeralContainerStatuses: [ended('e', 139)] })
  expect([...terminations.all()]).toEqual([
    { type: 'init_container', exitCode: 0, reason: 'Completed', count: 1 },
    { type: 'container', exitCode: 139, reason: 'Error', count: 2 },
    { type: 'ephemeral_container', exitCode: 139, reason: 'Error', count: 1 },
  ])
})

it('counts a container that was restarted and ended once more', () => {
  const terminations = createTerminations()
  const [down, up] = [{ containerStatuses: [ended('a', 1)] }, { containerStatuses: [runs('a')] }]
  for (const [before, now] of [
    [undefined, down],
    [down, up],
    [up, down],
  ] as const)
    terminations.count(before, now)
  expect([...terminations.all()]).toMatchObject([{ type: 'container', count: 2 }])
})
