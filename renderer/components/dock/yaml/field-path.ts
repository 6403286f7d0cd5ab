/**
 * A field path as the API server writes it (apimachinery field.Path): `spec.ports[0].port`,
 * `metadata.labels[app.kubernetes.io/name]`, `spec.containers[0].env[2].name`.
 */
export function parseFieldPath(path: string): (string | number)[] {
  const parts: (string | number)[] = []
  for (const [, name, index] of path.matchAll(/([^.[\]]+)|\[([^\]]*)\]/g)) {
    if (name !== undefined) parts.push(name)
    else if (index !== undefined) parts.push(/^\d+$/.test(index) ? Number(index) : index.replace(/^"(.*)"$/, '$1'))
  }
  return parts
}

export function formatFieldPath(parts: readonly (string | number)[]): string {
  return parts.reduce<string>((path, part) => {
    if (typeof part === 'number') return `${path}[${part}]`
    if (/[./]/.test(part)) return `${path}[${part}]`
    return path === '' ? part : `${path}.${part}`
  }, '')
}
