import { down, remove, status } from './cli/down.ts'
import { up } from './cli/up.ts'
import { ConfigError, readConfig, usage, type Config } from './config.ts'

// The engine's entry, under plain Node and as Electron's utility process alike.
const commands: Record<Config['command'], (config: Config) => Promise<void> | void> = {
  up,
  down,
  delete: remove,
  status,
}

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
