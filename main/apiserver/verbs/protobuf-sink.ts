import { encodeWatchEvent } from '../../../shared/machinery/protobuf-encode.ts'
import { encodeProtobuf } from '../codec/protobuf.ts'
import type { WatchFrame, WatchSink } from '../request.ts'

/** Sends what is written as `application/vnd.kubernetes.protobuf;stream=watch`. */
export function inProtobuf(sink: WatchSink): WatchSink {
  return { ...sink, write: frames => sink.write(frames.map(frame => ({ ...frame, line: () => framed(frame) }))) }
}

/** An event after its length in four bytes (apimachinery/pkg/util/framer, the length-delimited one). */
function framed(frame: WatchFrame): Buffer {
  const { type, object } = frame.event()
  const event = encodeWatchEvent(type, encodeProtobuf(object))
  const length = Buffer.alloc(4)
  length.writeUInt32BE(event.length)
  return Buffer.concat([length, event])
}
