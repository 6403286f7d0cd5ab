import { enableCompileCache } from 'node:module'
import { setFlagsFromString } from 'node:v8'
import { ConfigError, readConfig, usage, type Config } from './config.ts'

// The engine's entry, under plain Node and as Electron's utility process alike. What a command needs is loaded when it is
// known, and from V8's cache after the first time: an engine should be there at once.
enableCompileCache()
// V8 lets a heap grow to several times what lives in it before it looks for garbage. Half as much again costs a write about 8 %
// more time and leaves a fifth of the memory to others.
setFlagsFromString('--heap-growing-percent=50')
const commands: Record<Config['command'], (config: Config) => Promise<void>> = {
  up: async config => (await import('./cli/up.ts')).up(config),
  down: async config => (await import('./cli/down.ts')).down(config),
  delete: async config => (await import('./cli/down.ts')).remove(config),
  status: async config => (await import('./cli/status.ts')).status(config),
  node: async config => (await import('./cli/node/node.ts')).node(config),
}

// Whoever reads what is printed may go first (`podbay up | head -1`): no reason for a cluster to end.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)

try {
  const argv = process.argv.slice(2)
  if (argv.includes('--help') || argv.includes('-h')) console.log(usage)
  else {
    const config = readConfig({ argv, env: process.env, platform: process.platform })
    await commands[config.command](config)
    // An engine that has stopped has nothing left to do, whatever a library still holds open.
    process.exit()
  }
} catch (error) {
  const known = error instanceof ConfigError
  console.error(error instanceof Error ? error.message : error)
  if (known) console.error('See: podbay --help')
  process.exit(known ? 2 : 1)
}
