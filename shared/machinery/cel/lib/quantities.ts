import { addQuantities, compareQuantities, parseQuantity, subtractQuantities, type Quantity } from '../../quantity.ts'
import { StatusError } from '../../status.ts'
import type { Library } from '../functions.ts'
import { EvaluationError, type Opaque, type OpaqueType } from '../value.ts'

type Amount = Opaque<Quantity>

const type: OpaqueType<Quantity> = { name: 'kubernetes.Quantity', equals: (a, b) => compareQuantities(a, b) === 0 }
const amountOf = (value: Quantity): Amount => ({ kind: 'opaque', type, value })

/** Or why it is none. */
function read(text: string): Quantity | string {
  try {
    return parseQuantity(text)
  } catch (error) {
    if (error instanceof StatusError) return error.message
    throw error
  }
}

export function quantity(text: string): Amount {
  const value = read(text)
  if (typeof value === 'string') throw new EvaluationError(value)
  return amountOf(value)
}

const nano = 1_000_000_000n

function integerOf({ nanos }: Quantity): bigint | undefined {
  const value = nanos / nano
  return nanos % nano === 0n && value === BigInt.asIntN(64, value) ? value : undefined
}

function asInteger({ value }: Amount): bigint {
  const integer = integerOf(value)
  if (integer === undefined) throw new EvaluationError('cannot convert value to integer')
  return integer
}

const compare = (a: Amount, b: Amount) => Math.sign(compareQuantities(a.value, b.value))
const whole = (value: bigint): Quantity => ({ nanos: value * nano, format: 'DecimalSI' })

/** Amounts of resources (apiserver/pkg/cel/library/quantity.go). */
export const quantities: Library = {
  'quantity(string) -> kubernetes.Quantity': quantity,
  'isQuantity(string) -> bool': (text: string) => typeof read(text) !== 'string',
  'sign(kubernetes.Quantity) -> int': ({ value }: Amount) => (value.nanos > 0n ? 1n : value.nanos < 0n ? -1n : 0n),
  'kubernetes.Quantity.isGreaterThan(kubernetes.Quantity) -> bool': (a: Amount, b: Amount) => compare(a, b) > 0,
  'kubernetes.Quantity.isLessThan(kubernetes.Quantity) -> bool': (a: Amount, b: Amount) => compare(a, b) < 0,
  'kubernetes.Quantity.compareTo(kubernetes.Quantity) -> int': (a: Amount, b: Amount) => BigInt(compare(a, b)),
  'kubernetes.Quantity.asApproximateFloat() -> double': ({ value }: Amount) => Number(value.nanos) / 1e9,
  'kubernetes.Quantity.asInteger() -> int': asInteger,
  'kubernetes.Quantity.isInteger() -> bool': ({ value }: Amount) => integerOf(value) !== undefined,
  'kubernetes.Quantity.add(kubernetes.Quantity) -> kubernetes.Quantity': (a: Amount, b: Amount) =>
    amountOf(addQuantities(a.value, b.value)),
  'kubernetes.Quantity.add(int) -> kubernetes.Quantity': (a: Amount, b: bigint) =>
    amountOf(addQuantities(a.value, whole(b))),
  'kubernetes.Quantity.sub(kubernetes.Quantity) -> kubernetes.Quantity': (a: Amount, b: Amount) =>
    amountOf(subtractQuantities(a.value, b.value)),
  'kubernetes.Quantity.sub(int) -> kubernetes.Quantity': (a: Amount, b: bigint) =>
    amountOf(subtractQuantities(a.value, whole(b))),
}
