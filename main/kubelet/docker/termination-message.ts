import type Docker from 'dockerode'
import type { ContainerInspectInfo } from 'dockerode'
import type { NodeAgent } from './agent/agent.ts'
import { quote } from './agent/quote.ts'
import { readLogs } from './logs.ts'
import { terminationMessageSource } from './records.ts'

/** kubelet's MaxContainerTerminationMessageLength, …LogLength and …LogLines (pkg/kubelet/container/runtime.go). */
const fileLimit = 4096
const logLimit = 2048
const logLines = 80

interface Dependencies {
  docker: Docker
  agent: NodeAgent
}

/** What an exited container left to say: the file it was given, else, if its policy says so and it failed, its log's end. */
export async function readTerminationMessage(
  { docker, agent }: Dependencies,
  info: ContainerInspectInfo,
): Promise<string> {
  const { hostPath, fallbackToLogs } = terminationMessageSource(info)
  if (hostPath !== undefined) {
    const { output } = await agent.run(`head -c ${fileLimit} ${quote(hostPath)} 2>/dev/null || true`)
    if (output.length > 0) return output.toString()
  }
  return fallbackToLogs ? logEnd({ docker, agent }, info.Id) : ''
}

async function logEnd(dependencies: Dependencies, id: string): Promise<string> {
  const signal = new AbortController().signal
  let end = Buffer.alloc(0)
  for await (const data of readLogs(dependencies, id, {
    follow: false,
    timestamps: false,
    tailLines: logLines,
    signal,
  }))
    end = Buffer.concat([end, data]).subarray(-logLimit)
  return end.toString()
}
