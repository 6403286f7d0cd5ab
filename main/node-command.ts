import type { ParseArgsOptionsConfig } from 'node:util'
import { parseGoDuration } from '../shared/machinery/go-duration.ts'
import { nodeAnnotations, simulationAnnotations } from '../shared/machinery/logical-node.ts'
import { isLabelValue, isQualifiedName } from '../shared/machinery/names.ts'
import { parseQuantity } from '../shared/machinery/quantity.ts'
import type { Taint } from '../shared/machinery/tolerations.ts'

/** What `podbay node` is asked to do. */
export type NodeCommand =
  | { verb: 'list' }
  | AddNodes
  | ({ verb: 'stop' | 'start' | 'remove' } & Chosen)
  | ({ verb: 'drain'; force: boolean; timeout: number } & Chosen)

/** Nodes by their names, or by a label selector. */
export interface Chosen {
  names: string[]
  selector: string
}

/** Nodes to be added, all alike but for their names. */
export interface AddNodes {
  verb: 'add'
  runtime: 'docker' | 'simulated'
  /** '': names are a prefix and a number. */
  name: string
  /** '': one for the runtime. */
  prefix: string
  count: number
  labels: Record<string, string>
  taints: Taint[]
  annotations: Record<string, string>
}

const text = { type: 'string' } as const
const yes = { type: 'boolean' } as const

export const nodeOptions = {
  simulated: yes,
  count: text,
  'name-prefix': text,
  cpu: text,
  memory: text,
  labels: text,
  taints: text,
  'start-time': text,
  'failure-rate': text,
  selector: { ...text, short: 'l' },
  force: yes,
  timeout: text,
} satisfies ParseArgsOptionsConfig

type NodeFlag = keyof typeof nodeOptions
export type NodeFlags = Partial<Record<NodeFlag, string>>

export const nodeUsage = `nodes of the running cluster
  node add [NAME]      adds nodes: [--simulated] [--count N] [--name-prefix P] [--cpu 8] [--memory 32Gi]
                       [--labels k=v,...] [--taints k=v:Effect,...]; simulated: [--start-time 200ms] [--failure-rate 0.05]
  node list            lists them
  node stop NAME...    switches nodes off: they are not heard of any more, as if their machine had failed
  node start NAME...   switches them on again
  node drain NAME...   evicts their pods and lets no new ones in: [--force] [--timeout 5m]
  node remove NAME...  removes nodes with their pods
  (-l, --selector k=v instead of names)
`

const verbs = ['add', 'list', 'stop', 'start', 'drain', 'remove'] as const
const flagsOf: Record<(typeof verbs)[number], NodeFlag[]> = {
  add: ['simulated', 'count', 'name-prefix', 'cpu', 'memory', 'labels', 'taints', 'start-time', 'failure-rate'],
  list: [],
  stop: ['selector'],
  start: ['selector'],
  drain: ['selector', 'force', 'timeout'],
  remove: ['selector'],
}

/** Reads what follows `podbay node`. Throws an Error that names the flag or word at fault and what would be right. */
export function readNodeCommand(words: string[], flags: NodeFlags): NodeCommand {
  const [word = '', ...names] = words
  const verb = verbs.find(known => known === word)
  if (!verb)
    throw new Error(
      `node: ${word ? `"${word}" is unknown` : 'what to do is missing'}; must be one of ${verbs.join(', ')}`,
    )
  const odd = (Object.keys(flags) as NodeFlag[]).find(flag => !flagsOf[verb].includes(flag))
  if (odd) throw new Error(`--${odd}: node ${verb} has no such flag`)
  for (const name of names) checkName('NAME', name)
  if (verb === 'list') {
    if (names.length > 0) throw new Error(`node list: "${names.join(' ')}" is too much: it lists all nodes`)
    return { verb }
  }
  if (verb === 'add') return readAdd(names, flags)
  const { selector = '', force, timeout = '0' } = flags
  if (names.length > 0 === (selector !== ''))
    throw new Error(`node ${verb}: name the nodes, or choose them by --selector, one of the two`)
  const chosen = { names, selector }
  return verb === 'drain'
    ? { verb, ...chosen, force: force === 'true', timeout: duration('timeout', timeout) }
    : { verb, ...chosen }
}

function readAdd(names: string[], flags: NodeFlags): AddNodes {
  const runtime = flags.simulated === 'true' ? 'simulated' : 'docker'
  const [name = '', ...more] = names
  if (more.length > 0) throw new Error(`node add: one NAME at a time; --count and --name-prefix add several`)
  const { 'name-prefix': prefix = '', count = '1' } = flags
  if (name && (flags.count !== undefined || prefix))
    throw new Error('node add: NAME goes without --count and --name-prefix')
  if (prefix) checkName('--name-prefix', prefix)
  if (!/^[1-9]\d{0,3}$/.test(count)) throw new Error(`--count: "${count}" must be a number from 1 to 9999`)
  for (const flag of ['start-time', 'failure-rate'] as const)
    if (runtime === 'docker' && flags[flag] !== undefined)
      throw new Error(`--${flag}: only simulated nodes have it; add --simulated`)
  const capacity = (['cpu', 'memory'] as const).flatMap(flag =>
    flags[flag] === undefined ? [] : [`${flag}=${quantity(flag, flags[flag])}`],
  )
  const { 'start-time': startTime, 'failure-rate': failureRate } = flags
  if (startTime !== undefined) duration('start-time', startTime)
  if (failureRate !== undefined && !(failureRate.trim() !== '' && Number(failureRate) >= 0 && Number(failureRate) <= 1))
    throw new Error(`--failure-rate: "${failureRate}" must be a number from 0 to 1 such as 0.05`)
  return {
    verb: 'add',
    runtime,
    name,
    prefix,
    count: Number(count),
    labels: labels(flags.labels ?? ''),
    taints: list(flags.taints ?? '').map(taint),
    annotations: {
      [nodeAnnotations.runtime]: runtime,
      ...(capacity.length > 0 && { [nodeAnnotations.capacity]: capacity.join(',') }),
      ...(startTime !== undefined && { [simulationAnnotations.startTime]: startTime }),
      ...(failureRate !== undefined && { [simulationAnnotations.failureRate]: failureRate }),
    },
  }
}

const list = (given: string) => given.split(',').filter(part => part !== '')

function checkName(what: string, name: string) {
  if (/^[a-z0-9]([-a-z0-9.]{0,61}[a-z0-9])?$/.test(name)) return
  throw new Error(`${what}: "${name}" must be a DNS name of at most 63 lower-case letters, digits, "-" and "."`)
}

const examples = { cpu: '8 or 500m', memory: '32Gi or 512Mi' }

function quantity(flag: 'cpu' | 'memory', given: string): string {
  try {
    if (parseQuantity(given).nanos > 0n) return given
  } catch {
    // Upstream's own words are a regular expression; the example says more.
  }
  throw new Error(`--${flag}: "${given}" must be a quantity above 0 such as ${examples[flag]}`)
}

function duration(flag: NodeFlag, given: string): number {
  try {
    const ms = parseGoDuration(given)
    if (ms >= 0) return ms
  } catch {
    // The example says more.
  }
  throw new Error(`--${flag}: "${given}" must be a duration such as 200ms, 5s or 1m30s`)
}

function labels(given: string): Record<string, string> {
  return Object.fromEntries(
    list(given).map(part => {
      const [key = '', value = '', ...rest] = part.split('=')
      if (!part.includes('=') || rest.length > 0) throw new Error(`--labels: "${part}" must be key=value`)
      checkPair('labels', key, value)
      return [key, value]
    }),
  )
}

function taint(given: string): Taint {
  const [, key, value, effect] = /^([^=:]+)(?:=([^:]*))?:(NoSchedule|PreferNoSchedule|NoExecute)$/.exec(given) ?? []
  if (key === undefined || effect === undefined)
    throw new Error(
      `--taints: "${given}" must be key=value:Effect, the effect being NoSchedule, PreferNoSchedule or NoExecute`,
    )
  checkPair('taints', key, value ?? '')
  return { key, ...(value && { value }), effect }
}

function checkPair(flag: NodeFlag, key: string, value: string) {
  const wrong = [
    ...isQualifiedName(key).map(why => `key "${key}": ${why}`),
    ...isLabelValue(value).map(why => `value "${value}": ${why}`),
  ]
  if (wrong[0] !== undefined) throw new Error(`--${flag}: ${wrong[0]}`)
}
