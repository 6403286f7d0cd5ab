import type { ResourceSlice } from '../../../shared/api/resource.ts'
import { budgetOf } from '../../../shared/machinery/cel/budget.ts'
import { compile } from '../../../shared/machinery/cel/compile.ts'
import type { Environment } from '../../../shared/machinery/cel/environment.ts'
import { quantity } from '../../../shared/machinery/cel/lib/quantities.ts'
import { semver } from '../../../shared/machinery/cel/lib/semver.ts'
import { baseFunctions } from '../../../shared/machinery/cel/library.ts'
import type { Program } from '../../../shared/machinery/cel/plan.ts'
import { bool, dyn, mapType, objectType, opaqueType, string } from '../../../shared/machinery/cel/type.ts'
import { EvaluationError, mapOf, type MapValue, type Value } from '../../../shared/machinery/cel/value.ts'

export type Device = NonNullable<ResourceSlice['spec']['devices']>[number]
type Attribute = NonNullable<Device['attributes']>[string]

const names = mapType(string, mapType(string, dyn))
const environment: Environment = {
  variables: {
    device: objectType('kubernetes.DRADevice', {
      driver: string,
      allowMultipleAllocations: bool,
      attributes: names,
      capacity: mapType(string, mapType(string, opaqueType('kubernetes.Quantity'))),
    }),
  },
  functions: baseFunctions(),
}

/** What keeps devices from being chosen on any node, such as an expression that fails. */
export class AllocationFault extends Error {
  override readonly name = 'AllocationFault'
}

/** What one expression may cost for one device (CELSelectorExpressionMaxCost). */
const costLimit = 1_000_000

const programs = new Map<string, Program>()
const most = 1_000

function programOf(expression: string): Program {
  const known = programs.get(expression)
  if (known) return known
  const { program, fault } = compile(expression, environment)
  if (!program) throw new AllocationFault(`CEL compile error: ${fault}`)
  if (programs.size >= most) programs.clear()
  programs.set(expression, program)
  return program
}

/**
 * Whether a CEL expression holds for a device (dynamic-resource-allocation/cel).
 * @throws AllocationFault if the expression does not compile, fails, or gives something else than true or false.
 */
export function selects(expression: string, device: Device, driver: string): boolean {
  const program = programOf(expression)
  try {
    const value = valueOf(device, driver)
    const result = program.evaluate(name => (name === 'device' ? value : undefined), budgetOf(costLimit))
    if (typeof result === 'boolean') return result
  } catch (error) {
    if (error instanceof EvaluationError) throw new AllocationFault(`CEL runtime error: ${error.message}`)
    throw error
  }
  throw new AllocationFault('CEL runtime error: the result is not a bool')
}

function valueOf(device: Device, driver: string): Value {
  const fields: Record<string, Value> = {
    driver,
    allowMultipleAllocations: device.allowMultipleAllocations ?? false,
    attributes: byDomain(
      Object.entries(device.attributes ?? {}).map(([name, each]) => [name, scalar(each)]),
      driver,
    ),
    capacity: byDomain(
      Object.entries(device.capacity ?? {}).map(([name, { value }]) => [name, quantity(value)]),
      driver,
    ),
  }
  return {
    kind: 'struct',
    name: 'kubernetes.DRADevice',
    get: field => fields[field],
    fields: () => Object.keys(fields),
  }
}

function scalar({ int, bool: flag, string: text, version }: Attribute): Value {
  if (int !== undefined) return BigInt(int)
  if (version !== undefined) return semver(version)
  return flag ?? text ?? null
}

/** Names without a domain are in that of the driver; a domain that is not there is an empty one. */
function byDomain(entries: [string, Value][], driver: string): MapValue {
  const groups = Map.groupBy(entries, ([name]) => domainOf(name, driver))
  const domains = mapOf(
    groups.entries().map(([domain, own]) => [domain, mapOf(own.map(([name, value]) => [idOf(name), value]))] as const),
  )
  return { ...domains, get: key => domains.get(key) ?? mapOf([]) }
}

const domainOf = (name: string, driver: string) => (name.includes('/') ? name.slice(0, name.indexOf('/')) : driver)
const idOf = (name: string) => name.slice(name.indexOf('/') + 1)

/** A device's attribute by its full name; undefined if it has none. */
export function attributeOf({ attributes = {} }: Device, driver: string, name: string): Attribute | undefined {
  return attributes[name] ?? (domainOf(name, driver) === driver ? attributes[idOf(name)] : undefined)
}
