import type { Container } from '../../../shared/api/core.ts'

/** A port by number or by the container's name for it (pkg/probe/util.go, ResolveContainerPort). Throws in upstream's words. */
export function portOf(port: number | string, container: Container): number {
  if (typeof port === 'number') return port
  const named = container.ports?.find(p => p.name === port)?.containerPort
  if (named === undefined && !/^[+-]?\d+$/.test(port))
    throw new Error(`strconv.Atoi: parsing ${JSON.stringify(port)}: invalid syntax`)
  const number = named ?? Number(port)
  if (number <= 0 || number > 65_535) throw new Error(`invalid port number: ${number}`)
  return number
}
