import type { Pod } from '../../shared/api/core.ts'
import type { Kubectl } from './kubectl.ts'

/** A pod as kubectl reads it. */
export async function podNamed(kubectl: Kubectl, name: string): Promise<Pod> {
  return JSON.parse(await kubectl.ok(['get', 'pod', name, '-o', 'json'])) as Pod
}
