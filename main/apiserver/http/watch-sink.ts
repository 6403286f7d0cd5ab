import type { Writable } from 'node:stream'
import type { WatchSink } from '../request.ts'
import { giveUpOn } from './give-up.ts'

/** A watch's frames as lines of a response. */
export function streamSink(stream: Writable): WatchSink {
  return {
    write(frames) {
      if (frames.length === 1 && frames[0]) return stream.write(frames[0].line())
      stream.cork()
      let ready = true
      for (const frame of frames) ready = stream.write(frame.line())
      stream.uncork()
      return ready
    },
    drained(listener) {
      stream.on('drain', listener)
    },
    end() {
      stream.end()
      giveUpOn(stream)
    },
  }
}
