import { fnv32a } from '../../../shared/machinery/hash.ts'

/**
 * Tells whether a container's definition changed since it was created: FNV-32a over name and image alone, so that an
 * upgrade of Podbay restarts nothing (pkg/kubelet/container/helpers.go, HashContainer and pickFieldsToHash).
 */
export function containerHash({ name, image }: { name: string; image?: string }): string {
  return fnv32a(new TextEncoder().encode(JSON.stringify({ image, name }))).toString(16)
}
