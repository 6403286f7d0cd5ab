// Runs every test and ends with one line: `N passed, N failed[, N skipped]`. Extra arguments go to Vitest.
// PODBAY_REQUIRE_DOCKER=1 (CI) makes a missing Docker Engine a failure instead of a skip.
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { countTests } from './count-tests.mjs'
import { ensureDocker, stopDocker } from './docker.mjs'
import { ensureKubectl } from './kubectl.mjs'
import { environment, hand, root, say, step, stop } from './steps.mjs'

const results = join(root, 'test-results')
const report = join(results, 'vitest.json')
mkdirSync(results, { recursive: true })
rmSync(report, { force: true })

environment.KUBECTL = await ensureKubectl()
const docker = await ensureDocker()
if (docker.ready) {
  await step('making the test images', 'node', ['test/images/make.ts'])
} else {
  if (process.env.PODBAY_REQUIRE_DOCKER) stop(`No Docker Engine: ${docker.why}`)
  say(`Without Docker (${docker.why}): what needs it is skipped.`)
  environment.PODBAY_WITHOUT_DOCKER = docker.why
}

const args = ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...process.argv.slice(2)]
const exitCode = await hand(join(root, 'node_modules', '.bin', 'vitest'), args)
await stopDocker(docker)

if (!existsSync(report)) stop('Vitest wrote no report')
const counts = countTests(JSON.parse(readFileSync(report, 'utf8')), exitCode, say)
const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : ''
process.stdout.write(`${counts.passed} passed, ${counts.failed} failed${skipped}\n`)
process.exitCode = counts.failed > 0 || counts.passed === 0 ? 1 : 0
