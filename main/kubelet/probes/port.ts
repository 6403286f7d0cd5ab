import type { Container } from '../../../shared/api/core.ts'

/** A port by number or by the container's name for it (pkg/probe/util.go, ResolveContainerPort). Throws in upstream's words. */
export function portOf(port: number | string, container: Container): number {
  if (typeof port === 'number') return port
  const named = container.ports?.find(p => p.name === port)?.containerPort
  const number = named ?? Number(port)
  if (!Number.isInteger(number) || number <= 0 || number > 65_535) throw new Error(`couldn't find port: ${port}`)
  return number
}
