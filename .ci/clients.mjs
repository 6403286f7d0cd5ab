// Runs test/clients: clients that npm does not bring. Extra arguments go to Vitest. Where there is no Go, Helm and client-go are left out.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { ensureDocker, stopDocker } from './docker.mjs'
import { ensureKubectl } from './kubectl.mjs'
import { environment, hand, has, root, say, step } from './steps.mjs'

const helm = 'v4.3.1'

environment.KUBECTL = await ensureKubectl()
if (has('go')) Object.assign(environment, { GO: 'go', HELM: await ensureHelm() })
else say('Without Go: Helm and client-go are left out.')
const docker = await ensureDocker()
if (docker.ready) await step('making the test images', 'node', ['test/images/make.ts'])
else {
  environment.PODBAY_WITHOUT_DOCKER = docker.why
  say(`Without Docker (${docker.why}): Helm is left out.`)
}

const vitest = join(root, 'node_modules', '.bin', 'vitest')
const limits = ['--testTimeout=300000', '--hookTimeout=300000', '--no-file-parallelism']
await hand(vitest, ['run', '--root', join('test', 'clients'), ...limits, ...process.argv.slice(2)])
await stopDocker(docker)

/** Builds Helm from its module, once for each version. */
async function ensureHelm() {
  const directory = join(root, '.cache', `helm-${helm}`)
  const binary = join(directory, 'helm')
  const env = { ...process.env, GOBIN: directory }
  if (!existsSync(binary))
    await step(`building Helm ${helm}`, 'go', ['install', `helm.sh/helm/v4/cmd/helm@${helm}`], { env })
  return binary
}
