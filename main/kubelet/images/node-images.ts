import type { Node, Pod } from '../../../shared/api/core.ts'
import type { EventRecorder } from '../../../shared/client/recorder.ts'
import type { Clock } from '../../../shared/machinery/clock.ts'
import type { Logger } from '../../../shared/machinery/log.ts'
import type { ObjectReader } from '../object-reader.ts'
import type { Runtime } from '../runtime.ts'
import { createImageGarbage, type ImageGarbage } from './image-garbage.ts'
import { defaultImageSettings, type ImageSettings } from './image-settings.ts'
import { createImages, type Images } from './images.ts'
import { createPullRecords, type PullRecords } from './pull-records.ts'

interface Options {
  runtime: Runtime
  read: ObjectReader
  recorder: EventRecorder
  settings: ImageSettings | undefined
  /** Of all nodes on the runtime's engine; if not given, this node remembers for itself what it pulled. */
  records: PullRecords | undefined
  /** The engine has other images than before. */
  changed: () => void
  pods: () => Iterable<Pod>
  node: () => Node | undefined
  clock: Clock
  log: Logger
}

/** How a node comes by its images and, where that is wanted, gets rid of them. */
export function createNodeImages(options: Options): Disposable & { images: Images; garbage?: ImageGarbage } {
  const { settings = defaultImageSettings, records = createPullRecords(options) } = options
  const images = createImages({ ...options, settings, records })
  const { garbageCollection } = settings
  const garbage = garbageCollection && createImageGarbage({ ...options, settings: garbageCollection, records })
  return { images, ...(garbage && { garbage }), [Symbol.dispose]: () => garbage?.[Symbol.dispose]() }
}
