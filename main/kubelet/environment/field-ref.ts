import type { Pod } from '../../../shared/api/core.ts'

/** What the kubelet knows of a pod before its status says so. */
export interface PodFacts {
  ip: string
  hostIP: string
  nodeName: string
  /** The node's allocatable: the limit of a container that has none. */
  allocatable: Record<string, string>
}

/**
 * The value of a `fieldRef` (pkg/fieldpath ExtractFieldPathAsString and podFieldSelectorRuntimeValue).
 * Throws for a path that is not supported; validation keeps those out.
 */
export function fieldValue(pod: Pod, path: string, facts: PodFacts): string {
  const { metadata, spec } = pod
  const subscript = /^metadata\.(labels|annotations)\['(.*)'\]$/.exec(path)
  if (subscript) return (subscript[1] === 'labels' ? metadata.labels : metadata.annotations)?.[subscript[2] ?? ''] ?? ''
  switch (path) {
    case 'metadata.name':
      return metadata.name
    case 'metadata.namespace':
      return metadata.namespace ?? ''
    case 'metadata.uid':
      return metadata.uid
    case 'metadata.labels':
      return formatMap(metadata.labels)
    case 'metadata.annotations':
      return formatMap(metadata.annotations)
    case 'spec.nodeName':
      return spec.nodeName ?? facts.nodeName
    case 'spec.serviceAccountName':
      return spec.serviceAccountName ?? ''
    case 'status.hostIP':
    case 'status.hostIPs':
      return facts.hostIP
    case 'status.podIP':
    case 'status.podIPs':
      return facts.ip
    default:
      throw new Error(`unsupported fieldPath: ${path}`)
  }
}

/** One `key="value"` a line, sorted; the value quoted as Go's %q (pkg/fieldpath FormatMap). */
function formatMap(map: Record<string, string> = {}): string {
  const keys = Object.keys(map).sort()
  return keys.map(key => `${key}=${JSON.stringify(map[key])}`).join('\n')
}
