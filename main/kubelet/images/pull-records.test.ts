import { expect, it } from 'vitest'
import { createFakeClock } from '../../../test/helpers/fake-clock.ts'
import { silent } from '../../../shared/machinery/log.ts'
import { defaultImageSettings } from './image-settings.ts'
import { createPullRecords } from './pull-records.ts'

const image = 'example.com/private:1'

function recordsOf(text?: string) {
  const written = { text }
  const file = {
    read: async () => written.text,
    async write(fresh: string) {
      written.text = fresh
    },
  }
  const records = createPullRecords({ file, clock: createFakeClock(), log: silent })
  const mayUse = () => records.mayUse(image, 'sha256:1', defaultImageSettings, async () => [])
  return { records, mayUse, written }
}

it('an image that two nodes pull is kept from others until both have ended', async () => {
  const { records, mayUse } = recordsOf()
  await records.begin(image)
  await records.begin(image)
  await records.ended(image)
  expect(await mayUse()).toBe(false)
  await records.ended(image)
  expect(await mayUse()).toBe(true)
})

it('an image whose pull was cut short is kept from others until it is pulled again', async () => {
  const first = recordsOf()
  await first.records.begin(image)
  const { records, mayUse } = recordsOf(first.written.text)
  expect(await mayUse()).toBe(false)
  await records.begin(image)
  await records.ended(image, { imageId: 'sha256:1', isNew: true, credential: undefined })
  expect(await mayUse()).toBe(true)
})
