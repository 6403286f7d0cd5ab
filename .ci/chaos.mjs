// Runs test/chaos in network, mount and process namespaces of its own: what it starts, a Docker daemon among it, meets nothing of
// this machine's, and ends with it. Images come from this machine's Docker Engine. PODBAY_CHAOS_SECONDS (600) is how
// long disasters go on; PODBAY_CHAOS_SEED repeats a run's choices. Extra arguments go to Vitest.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ensureDocker, stopDocker } from './docker.mjs'
import { ensureKubectl } from './kubectl.mjs'
import { environment, hand, has, isRoot, root, step, stop } from './steps.mjs'

if (!isRoot || !has('unshare') || !has('dockerd') || !has('containerd'))
  stop('The chaos test needs root, unshare, dockerd and containerd: it kills a Docker daemon of its own')
const docker = await ensureDocker()
if (!docker.ready) stop(`No Docker Engine: ${docker.why}`)
await step('making the test images', 'node', ['test/images/make.ts'])
await step("making the node agent's image", 'node', ['test/images/node-agent.ts'])

const seconds = Number(process.env.PODBAY_CHAOS_SECONDS ?? 600)
const directory = mkdtempSync(join(tmpdir(), 'podbay-chaos-'))
Object.assign(environment, {
  KUBECTL: await ensureKubectl(),
  PODBAY_CHAOS_SECONDS: String(seconds),
  PODBAY_CHAOS_SEED: process.env.PODBAY_CHAOS_SEED ?? String(Date.now() % 1_000_000),
  PODBAY_CHAOS_DIRECTORY: directory,
})
const apart = ['--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc']
const inside = 'ip link set lo up && exec "$@"'
const vitest = [join(root, 'node_modules', '.bin', 'vitest'), 'run', '--root', join('test', 'chaos')]
const limits = ['--hookTimeout=300000', `--testTimeout=${(seconds + 600) * 1000}`]
await hand('unshare', [...apart, 'sh', '-c', inside, 'sh', ...vitest, ...limits, ...process.argv.slice(2)])
rmSync(directory, { recursive: true, force: true })
await stopDocker(docker)
