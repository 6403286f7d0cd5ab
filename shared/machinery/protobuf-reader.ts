import { badRequest } from './status.ts'

/** One field of a message on the wire: a number for the varint and fixed types, bytes for the length-delimited one. */
export interface WireField {
  number: number
  value: bigint | Uint8Array
}

/** The fields of a message in the order they came. Throws a 400 for bytes that are cut off or no protobuf. */
export function readFields(bytes: Uint8Array): WireField[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const fields: WireField[] = []
  let at = 0
  while (at < bytes.length) {
    const tag = Number(varint())
    const number = Math.floor(tag / 8)
    if (number <= 0) throw badRequest(`proto: illegal tag ${number}`)
    fields.push({ number, value: value(tag % 8) })
  }
  return fields

  function value(wireType: number): bigint | Uint8Array {
    switch (wireType) {
      case 0:
        return varint()
      case 1:
        return view.getBigUint64(skip(8), true)
      case 2: {
        const length = Number(varint())
        if (length < 0) throw badRequest('proto: negative length found during unmarshaling')
        const start = skip(length)
        return bytes.subarray(start, start + length)
      }
      case 5:
        return BigInt(view.getUint32(skip(4), true))
      default:
        throw badRequest(`proto: illegal wireType ${wireType}`)
    }
  }

  function skip(length: number): number {
    const start = at
    if (length > bytes.length - at) throw badRequest('unexpected EOF')
    at += length
    return start
  }

  function varint(): bigint {
    let result = 0n
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = bytes[skip(1)] ?? 0
      result |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return BigInt.asIntN(64, result)
    }
    throw badRequest('proto: integer overflow')
  }
}
