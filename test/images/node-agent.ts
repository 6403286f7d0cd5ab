import Docker from 'dockerode'
import { readConfig } from '../../main/config.ts'
import { ensureAgentImage } from '../../main/kubelet/docker/agent/image.ts'
import { silent } from '../../shared/machinery/log.ts'

/** Makes the node agent's image as an engine would on its first start, for tests that run without a network. */
const { agentImage, agentBaseImage } = readConfig({ argv: ['up'], env: {}, platform: process.platform })
await ensureAgentImage(
  new Docker(),
  { image: agentImage, base: agentBaseImage },
  { log: silent, onProgress: line => process.stdout.write(`${line}\n`) },
)
