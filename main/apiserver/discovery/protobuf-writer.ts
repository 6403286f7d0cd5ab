import { stringify } from 'yaml'

/** Writes a value as the field of that number: tag and content, or nothing for what protobuf leaves out. */
export type Field = (number: number, value: unknown) => Buffer

type Members = Readonly<Record<string, readonly [number: number, field: Field]>>

/** The content of a message, without the tag and length that it has inside of another. */
export function encode(members: Members, value: unknown): Buffer {
  return contentOf(members, undefined, value as object)
}

/**
 * A message from a JSON object, in the order of `members`; members whose name begins with `x-` become NamedAny at
 * `extensions`. Throws for a member that the message lacks: the answer would silently say less than the document.
 */
export function message(members: Members, extensions?: number): Field {
  return (number, value) => delimited(number, contentOf(members, extensions, value as object))
}

/** A message whose only field is the value. */
export function wrapped(number: number, field: Field): Field {
  return (at, value) => delimited(at, field(number, value))
}

/** A JSON object as a message that repeats, at `number`, entries of a name (1) and a value (2). */
export function map(number: number, field: Field): Field {
  const entry = named(field)
  return (at, value) =>
    delimited(at, Buffer.concat(Object.entries(value as object).map(member => entry(number, member))))
}

/** A repeated field; a single value counts as a list of one. */
export function each(field: Field): Field {
  return (number, value) =>
    Buffer.concat((Array.isArray(value) ? value : [value]).map((item: unknown) => field(number, item)))
}

/** One of several forms. */
export function either(choose: (value: unknown) => Field): Field {
  return (number, value) => choose(value)(number, value)
}

export const text: Field = (number, value) => delimited(number, Buffer.from(value as string))

export const flag: Field = (number, value) => Buffer.concat([varint(number * 8), varint(value === true ? 1 : 0)])

/** An int64 that is not negative. */
export const count: Field = (number, value) => Buffer.concat([varint(number * 8), varint(value as number)])

export const double: Field = (number, value) => {
  const content = Buffer.alloc(8)
  content.writeDoubleLE(value as number)
  return Buffer.concat([varint(number * 8 + 1), content])
}

/** gnostic's Any: a value as YAML (2). */
export const any: Field = wrapped(2, (number, value) => text(number, stringify(value, { lineWidth: 0 })))

const named =
  (field: Field) =>
  (number: number, [name, value]: [string, unknown]) =>
    delimited(number, Buffer.concat([text(1, name), field(2, value)]))
const extension = named(any)

function contentOf(members: Members, extensions: number | undefined, value: object): Buffer {
  const given = new Map<string, unknown>(Object.entries(value))
  const own = Object.entries(members).flatMap(([name, [number, field]]) => {
    if (!given.has(name)) return []
    const content = field(number, given.get(name))
    given.delete(name)
    return [content]
  })
  const others = [...given].map(([name, rest]) => {
    if (extensions === undefined || !name.startsWith('x-')) throw new Error(`no field for ${name} in the message`)
    return extension(extensions, [name, rest])
  })
  return Buffer.concat([...own, ...others])
}

function delimited(number: number, content: Buffer): Buffer {
  return Buffer.concat([varint(number * 8 + 2), varint(content.length), content])
}

function varint(value: number): Buffer {
  const content: number[] = []
  let rest = value
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) content.push((rest % 0x80) + 0x80)
  return Buffer.from([...content, rest])
}
