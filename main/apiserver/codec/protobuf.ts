import { readFile } from 'node:fs/promises'
import { decodeObject } from '../../../shared/machinery/protobuf.ts'

type Messages = Parameters<typeof decodeObject>[1]

let messages: Promise<Messages> | undefined

/**
 * Decodes a body in Kubernetes' protobuf envelope to JSON data. The table of messages (assets/k8s/protobuf.json) is read
 * when the first such body comes.
 */
export async function decodeProtobuf(bytes: Buffer): Promise<unknown> {
  messages ??= readFile(new URL('../../../assets/k8s/protobuf.json', import.meta.url), 'utf8').then(
    text => JSON.parse(text) as Messages,
  )
  const { object } = decodeObject(bytes, await messages)
  return object
}
