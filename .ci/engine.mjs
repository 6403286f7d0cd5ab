// Runs the engine (dist/main/headless.js) in this process, on a simulated node where the set-up found that Docker can't run.
import { existsSync } from 'node:fs'
import { withoutDocker } from './steps.mjs'

if (existsSync(withoutDocker)) process.env.PODBAY_RUNTIME ??= 'simulated'
await import('../dist/main/headless.js')
