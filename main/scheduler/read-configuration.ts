import type { Plugin } from './plugin.ts'
import { plugins } from './plugins/plugins.ts'
import { defaultProfile, type Profile } from './profile.ts'

type Fields = Record<string, unknown>

interface PluginSet {
  enabled: { name: string; weight: number }[]
  disabled: ReadonlySet<string>
}

/** Plugins that every scheduler here has: they order the queue, hold gated pods back, and bind. */
const fixed = ['SchedulingGates', 'PrioritySort', 'DefaultBinder']
const preemption = 'DefaultPreemption'
const pluginOf = new Map(plugins.map(plugin => [plugin.name, plugin]))
const known = [...pluginOf.keys(), preemption, ...fixed]

/** How the process runs elsewhere: it means nothing here and is let through. */
const ignored = ['parallelism', 'leaderElection', 'clientConnection', 'delayCacheUntilActive']

/**
 * The profiles of a KubeSchedulerConfiguration (kubescheduler.config.k8s.io/v1): names, plugins to filter, score and preempt
 * with their weights, and the percentage of nodes to score; undefined means the default one. Merged with the defaults as upstream does it
 * (apis/config/v1/default_plugins.go, framework/runtime expandMultiPointPlugins).
 *
 * @throws Error that names the field at fault, also for what upstream knows and this scheduler does not.
 */
export function readConfiguration(configuration: unknown): Profile[] {
  if (configuration === undefined) return [defaultProfile]
  const own = ['apiVersion', 'kind', 'percentageOfNodesToScore', 'profiles']
  const { apiVersion, kind, ...fields } = object(configuration, '', [...own, ...ignored])
  if (apiVersion !== 'kubescheduler.config.k8s.io/v1' || kind !== 'KubeSchedulerConfiguration') {
    throw fault('apiVersion, kind: must be kubescheduler.config.k8s.io/v1, KubeSchedulerConfiguration')
  }
  const percentage = percentageOf(fields, '') ?? 0
  const listed = list(fields['profiles'], 'profiles')
  const profiles = (listed.length > 0 ? listed : [{}]).map((each, i) =>
    readProfile(each, { path: `profiles[${i}]`, isOnly: listed.length <= 1, percentage }),
  )
  const names = profiles.map(({ schedulerName }) => schedulerName)
  const twice = names.findIndex((name, i) => names.indexOf(name) !== i)
  if (twice >= 0) throw fault(`profiles[${twice}].schedulerName: Duplicate value: "${names[twice] ?? ''}"`)
  return profiles
}

interface Place {
  path: string
  isOnly: boolean
  percentage: number
}

function readProfile(profile: unknown, { path, isOnly, percentage }: Place): Profile {
  const fields = object(profile, path, ['schedulerName', 'percentageOfNodesToScore', 'plugins'])
  const { schedulerName = isOnly ? defaultProfile.schedulerName : '' } = fields
  if (typeof schedulerName !== 'string' || schedulerName === '') {
    throw fault(`${path}.schedulerName: Required value`)
  }
  const points = object(fields['plugins'] ?? {}, `${path}.plugins`, ['multiPoint', 'filter', 'postFilter', 'score'])
  const set = (point: string) => readPlugins(points[point] ?? {}, `${path}.plugins.${point}`)
  const everywhere = set('multiPoint')
  const at = (point: string) => enabledAt(set(point), everywhere)
  const having = (point: 'filter' | 'score') =>
    at(point).flatMap(({ name, weight, isAsked }) => {
      const plugin = pluginOf.get(name)
      if (plugin?.[point]) return [{ plugin, weight: weight || (plugin.score?.weight ?? 1) }]
      if (isAsked) throw fault(`${path}.plugins.${point}: plugin "${name}" does not extend ${point}`)
      return []
    })
  return {
    schedulerName,
    filters: having('filter').map(({ plugin }): Plugin => plugin),
    scores: having('score'),
    preempts: at('postFilter').some(({ name }) => name === preemption),
    percentageOfNodesToScore: percentageOf(fields, path) ?? percentage,
  }
}

/** Those that are asked for at this point first, then those of all points; weight 0 is the plugin's own. */
function enabledAt({ enabled, disabled }: PluginSet, everywhere: PluginSet) {
  const replaced = new Map(everywhere.enabled.map(each => [each.name, each]))
  const defaults = everywhere.disabled.has('*') ? [] : known.filter(name => !everywhere.disabled.has(name))
  const implied = [...new Set([...defaults, ...replaced.keys()])].filter(
    name => !disabled.has('*') && !disabled.has(name) && !enabled.some(each => each.name === name),
  )
  return [
    ...enabled.map(each => ({ ...each, isAsked: true })),
    ...implied.map(name => ({ name, weight: replaced.get(name)?.weight ?? 0, isAsked: false })),
  ]
}

function readPlugins(set: unknown, path: string): PluginSet {
  const fields = object(set, path, ['enabled', 'disabled'])
  const enabled = list(fields['enabled'], `${path}.enabled`).map((each, i) => readPlugin(each, `${path}.enabled[${i}]`))
  const disabled = list(fields['disabled'], `${path}.disabled`).map((each, i) => {
    const at = `${path}.disabled[${i}]`
    const { name } = object(each, at, ['name', 'weight'])
    if (name === '*') return name
    const own = nameOf(name, at)
    if (fixed.includes(own)) throw fault(`${at}.name: plugin "${own}" can't be disabled here`)
    return own
  })
  return { enabled, disabled: new Set(disabled) }
}

function readPlugin(plugin: unknown, path: string) {
  const { name, weight = 0 } = object(plugin, path, ['name', 'weight'])
  if (typeof weight !== 'number' || !Number.isInteger(weight) || weight < 0) {
    throw fault(`${path}.weight: must be a whole number of at least 0`)
  }
  return { name: nameOf(name, path), weight }
}

function nameOf(name: unknown, path: string): string {
  if (typeof name === 'string' && known.includes(name)) return name
  throw fault(`${path}.name: unknown plugin ${JSON.stringify(name)}; known: ${known.join(', ')}`)
}

function percentageOf({ percentageOfNodesToScore: value }: Fields, path: string): number | undefined {
  if (value === undefined || value === null) return undefined
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 100) return value
  const field = path === '' ? 'percentageOfNodesToScore' : `${path}.percentageOfNodesToScore`
  throw fault(`${field}: Invalid value: ${JSON.stringify(value)}: not in valid range [0-100]`)
}

function object(value: unknown, path: string, allowed: readonly string[]): Fields {
  const where = path === '' ? 'the configuration' : path
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw fault(`${where}: must be a map`)
  const strange = Object.keys(value).find(key => !allowed.includes(key))
  if (strange === undefined) return value as Fields
  const field = path === '' ? strange : `${path}.${strange}`
  throw fault(`${field}: unknown here; known: ${allowed.join(', ')}`)
}

const fault = (text: string) => new Error(`KubeSchedulerConfiguration: ${text}`)

function list(value: unknown, path: string): unknown[] {
  if (value === undefined || value === null) return []
  if (Array.isArray(value)) return value
  throw fault(`${path}: must be a list`)
}
