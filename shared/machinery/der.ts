/** One value of ASN.1 in its distinguished encoding (X.690). */
export interface DerValue {
  readonly tag: number
  /** Tag, length and content. */
  readonly bytes: Uint8Array
  readonly content: Uint8Array
}

const structure = (why: string) => new Error(`asn1: structure error: ${why}`)

/** The one value that the bytes are. Throws an Error for anything else. */
export function derValue(bytes: Uint8Array): DerValue {
  const value = readAt(bytes, 0)
  if (value.bytes.length !== bytes.length) throw structure('trailing data')
  return value
}

/** The values that a constructed value is made of. */
export function derMembers({ content }: DerValue): DerValue[] {
  const members: DerValue[] = []
  for (let at = 0; at < content.length; at += members.at(-1)?.bytes.length ?? 1) members.push(readAt(content, at))
  return members
}

/** Certificates need no lengths beyond three bytes, and no tags beyond one. */
function readAt(bytes: Uint8Array, at: number): DerValue {
  const tag = bytes[at]
  const first = bytes[at + 1]
  if (tag === undefined || first === undefined) throw structure('truncated value')
  const more = first < 0x80 ? 0 : first & 0x7f
  if (first === 0x80 || more > 3) throw structure('length not supported')
  let length = more === 0 ? first : 0
  for (let i = 0; i < more; i++) length = length * 256 + (bytes[at + 2 + i] ?? 0)
  const start = at + 2 + more
  if (start + length > bytes.length) throw structure('truncated value')
  return { tag, bytes: bytes.subarray(at, start + length), content: bytes.subarray(start, start + length) }
}

/** An object identifier in its dotted form. */
export function derOid({ tag, content }: DerValue): string {
  if (tag !== 0x06) throw structure('no object identifier')
  const arcs: number[] = []
  let arc = 0
  for (const byte of content) {
    arc = arc * 128 + (byte & 0x7f)
    if (byte >= 0x80) continue
    arcs.push(arc)
    arc = 0
  }
  const [head = 0, ...rest] = arcs
  const root = Math.min(Math.floor(head / 40), 2)
  return [root, head - root * 40, ...rest].join('.')
}

/** The text of a string type. */
export function derText({ content }: DerValue): string {
  return new TextDecoder().decode(content)
}
