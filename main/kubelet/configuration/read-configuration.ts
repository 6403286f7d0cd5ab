import { parseGoDuration } from '../../../shared/machinery/go-duration.ts'
import { ignored, shapes, zeroIsDefault, type Shape } from './fields.ts'
import {
  defaultConfiguration,
  defaultEvictionHard,
  defaultImageGC,
  type KubeletConfiguration,
} from './kubelet-configuration.ts'
import { configurationFaults } from './validate.ts'

export interface ReadConfiguration {
  configuration: KubeletConfiguration
  /** Fields that are given and mean nothing here. */
  ignored: string[]
}

/**
 * A KubeletConfiguration (kubelet.config.k8s.io/v1beta1) with upstream's defaults for what it leaves out; undefined is one
 * that leaves out everything.
 *
 * @throws Error that names every field at fault: unknown, of the wrong type, or with a value that upstream's kubelet refuses.
 */
export function readConfiguration(given: unknown): ReadConfiguration {
  if (given === undefined) return { configuration: defaultConfiguration, ignored: [] }
  if (!isObject(given)) throw fault('must be a map')
  const { apiVersion, kind, ...fields } = given
  if (apiVersion !== 'kubelet.config.k8s.io/v1beta1' || kind !== 'KubeletConfiguration') {
    throw fault('apiVersion, kind: must be kubelet.config.k8s.io/v1beta1, KubeletConfiguration')
  }
  const named = Object.keys(fields).filter(field => fields[field] !== null)
  const unknown = named.filter(field => !Object.hasOwn(shapes, field) && !ignored.has(field))
  if (unknown.length > 0) throw fault(unknown.map(field => `unknown field "${field}"`).join(', '))
  const own = Object.fromEntries(named.filter(field => !ignored.has(field)).map(field => [field, fields[field]]))
  // The table has a shape for each field, by which its value was read.
  const configuration = withDefaults(readFields(own, shapes, ''))
  const faults = configurationFaults(configuration)
  if (faults.length > 0) throw fault(faults.join('; '))
  return { configuration, ignored: named.filter(field => ignored.has(field)) }
}

/** pkg/kubelet/apis/config/v1beta1/defaults.go, and cmd/kubelet/app/server.go for evictionHard. */
function withDefaults(fields: Partial<KubeletConfiguration>): KubeletConfiguration {
  const given = Object.fromEntries(
    Object.entries(fields).filter(([name, value]) => !zeroIsDefault.has(name) || (value !== 0 && value !== '')),
  )
  const { evictionHard, maxParallelImagePulls = 1, podPidsLimit = 0 } = fields
  const update = given['nodeStatusUpdateFrequency']
  return {
    ...defaultConfiguration,
    ...(Object.keys(fields).some(name => /^image(GC|M)/.test(name)) && defaultImageGC),
    serializeImagePulls: maxParallelImagePulls < 2,
    ...(update !== undefined && { nodeStatusReportFrequency: Number(update) }),
    ...given,
    ...(podPidsLimit < 0 && { podPidsLimit: -1 }),
    ...(fields.mergeDefaultEvictionSettings && { evictionHard: { ...defaultEvictionHard, ...evictionHard } }),
  }
}

function readFields(fields: Record<string, unknown>, expected: Record<string, Shape>, path: string) {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => {
      const shape = Object.hasOwn(expected, name) ? expected[name] : undefined
      if (shape === undefined) throw fault(`unknown field "${path}${name}"`)
      return [name, readValue(value, shape, path + name)]
    }),
  )
}

function readValue(value: unknown, shape: Shape, field: string): unknown {
  if (typeof shape === 'object') {
    if (!isObject(value)) throw fault(`${field}: must be a map`)
    return readFields(value, shape, `${field}.`)
  }
  const [isRight, what] = readers[shape]
  if (!isRight(value)) throw fault(`${field}: must be ${what}`)
  if (shape !== 'duration') return value
  try {
    return parseGoDuration(String(value))
  } catch (error) {
    throw fault(`${field}: ${error instanceof Error ? error.message : String(error)}`)
  }
}

const isText = (value: unknown) => typeof value === 'string'
const isWhole = (bound: number) => (value: unknown) => Number.isSafeInteger(value) && Math.abs(Number(value)) <= bound

const readers: Record<Exclude<Shape, object>, [isRight: (value: unknown) => boolean, what: string]> = {
  boolean: [value => typeof value === 'boolean', 'true or false'],
  int32: [isWhole(2 ** 31 - 1), 'a whole number of 32 bits'],
  int64: [isWhole(Number.MAX_SAFE_INTEGER), 'a whole number'],
  duration: [isText, 'a duration such as 1m30s'],
  text: [isText, 'a string'],
  strings: [value => Array.isArray(value) && value.every(isText), 'a list of strings'],
  texts: [value => isObject(value) && Object.values(value).every(isText), 'a map of strings'],
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const fault = (text: string) => new Error(`KubeletConfiguration: ${text}`)
