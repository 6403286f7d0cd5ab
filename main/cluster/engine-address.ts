import type { NodeAgent } from '../kubelet/docker/agent/agent.ts'
import { isLocalAddress, type ClusterNetwork } from '../kubelet/docker/network.ts'
import type { EngineAddress } from '../network/service-proxy/health-checks.ts'

/**
 * Where pods reach this process: at the cluster bridge's own address where the Docker Engine runs on this machine (`local`),
 * else on loopback, which Docker Desktop's machine knows as host.docker.internal.
 */
export async function engineAddress(
  { gateway }: ClusterNetwork,
  agent: NodeAgent,
): Promise<EngineAddress & { local: boolean }> {
  if (await isLocalAddress(gateway)) return { host: gateway, ip: gateway, local: true }
  const ip = (await agent.mustRun("getent hosts host.docker.internal | awk '{print $1; exit}'")).trim()
  return { host: '127.0.0.1', ip, local: false }
}
