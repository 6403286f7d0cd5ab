import type { JsonObject } from '../../../shared/machinery/json-value.ts'
import { decodeObject } from '../../../shared/machinery/protobuf.ts'
import { encodeObject } from '../../../shared/machinery/protobuf-encode.ts'
import { readAsset } from '../../resources/assets.ts'
import { notAcceptable } from './accept.ts'

type Messages = Parameters<typeof decodeObject>[1]

let kept: Messages | undefined

/** The table of messages is read when the first one comes or goes. */
const messages = () => (kept ??= readAsset('protobuf.json') as Messages)

/** The media type of objects in Kubernetes' protobuf envelope. */
export const protobuf = 'application/vnd.kubernetes.protobuf'

/** Decodes a body in Kubernetes' protobuf envelope to JSON data. */
export function decodeProtobuf(bytes: Buffer): unknown {
  return decodeObject(bytes, messages()).object
}

/** An object in that envelope. Throws 406 for one that has no message: a custom resource, a Table. */
export function encodeProtobuf(value: unknown): Uint8Array {
  const bytes = encodeObject(value as JsonObject, messages())
  if (!bytes) throw notAcceptable()
  return bytes
}
