import { writeSync } from 'node:fs'
import { configMap, keyOf, openStore } from './store.fixture.ts'

// Writes for ever, from many writers at once, and says on stdout what was acknowledged, until it is killed:
// `<name> <revision>` of a durable value, `- <revision>` of a volatile one.
const [directory = '', round = ''] = process.argv.slice(2)
const store = await openStore(directory)

async function writer(id: number): Promise<void> {
  for (let i = 0; ; i++) {
    const name = `r${round}-w${id}-${i % 20}`
    const before = store.get(keyOf(name))
    const { revision } = before
      ? await store.update(keyOf(name), before.revision, configMap(name, String(i)))
      : await store.create(keyOf(name), configMap(name, String(i)))
    writeSync(1, `${name} ${revision}\n`)
    const lease = await store.create(keyOf(`lease-${revision}`), configMap('lease'), { volatile: true })
    writeSync(1, `- ${lease.revision}\n`)
  }
}
await Promise.all(Array.from({ length: 16 }, (_, id) => writer(id)))
