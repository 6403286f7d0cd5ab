import { decodeObject } from '../../../shared/machinery/protobuf.ts'
import { readAsset } from '../../resources/assets.ts'

type Messages = Parameters<typeof decodeObject>[1]

let messages: Messages | undefined

/** Decodes a body in Kubernetes' protobuf envelope to JSON data. The table of messages is read when the first such body comes. */
export function decodeProtobuf(bytes: Buffer): unknown {
  messages ??= readAsset('protobuf.json') as Messages
  return decodeObject(bytes, messages).object
}
