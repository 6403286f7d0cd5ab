import { existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import { parseArgs } from 'node:util'
import { parse } from 'yaml'
import { nodeOptions, nodeUsage, readNodeCommand, type NodeCommand, type NodeFlags } from './node-command.ts'

export type { AddNodes, Chosen } from './node-command.ts'

/** Everything that can be set from outside. Names follow kube-apiserver's and kubelet's flags where there is one. */
export interface Config {
  command: 'up' | 'down' | 'delete' | 'status' | 'node'
  /** What the command `node` is to do. */
  node?: NodeCommand
  /** The cluster's name: a DNS label; containers, networks and the data directory carry it. */
  name: string
  dataDir: string
  /** 0: any free port. A taken port is an error if it was asked for, else the next free one is used. */
  securePort: number
  securePortAsked: boolean
  kubeconfig: string
  /** True: nobody opens a window. */
  headless: boolean
  serviceClusterIpRange: string
  serviceNodePortRange: string
  clusterDomain: string
  /** `simulated`: pods go through their states and nothing runs. */
  runtime: 'docker' | 'simulated'
  nodeName: string
  /** Whether Docker is there to be started, for what the user is told while no engine answers. */
  dockerInstalled: boolean
  /** The image of the node agent, and the public image it is built from where a registry can be reached. */
  agentImage: string
  agentBaseImage: string
  logLevel: 'error' | 'info' | 'debug'
  /** What a KubeSchedulerConfiguration file says; undefined without one. */
  schedulerConfig: unknown
  /** What a KubeletConfiguration file says, for all nodes; undefined without one. */
  kubeletConfig: unknown
}

/** Bad flags, environment or configuration file; the message names the setting and what would be right. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

interface Sources {
  argv: string[]
  env: Record<string, string | undefined>
  platform: NodeJS.Platform
}

const commands = ['up', 'down', 'delete', 'status', 'node'] as const
const runtimes = ['docker', 'simulated'] as const
const levels = ['error', 'info', 'debug'] as const

const defaults = {
  name: 'podbay',
  'data-dir': '',
  'secure-port': '',
  kubeconfig: '',
  headless: 'false',
  'service-cluster-ip-range': '10.96.0.0/16',
  'service-node-port-range': '30000-32767',
  'cluster-domain': 'cluster.local',
  runtime: 'docker',
  'node-name': '',
  'agent-image': 'podbay/node-agent:2',
  'agent-base-image': 'debian:12-slim',
  'log-level': 'info',
  'scheduler-config': '',
  'kubelet-config': '',
}
type Setting = keyof typeof defaults
const settings = Object.keys(defaults) as Setting[]

export const usage = `usage: podbay <command> [flags]

commands
  up       runs the engine in the foreground; prints one line when the cluster is ready
  down     stops the engine and the cluster's containers
  delete   removes the cluster: its containers, networks, volumes and files
  status   says what runs

${nodeUsage}
flags (also from PODBAY_<FLAG> or config.yaml in the data directory)
${settings.map(name => `  --${name}${name === 'headless' ? '' : ` <${defaults[name] || 'value'}>`}`).join('\n')}
`

/**
 * Reads the settings: defaults < `config.yaml` in the data directory < `PODBAY_*` < flags.
 * @throws ConfigError naming the setting at fault.
 */
export function readConfig({ argv, env, platform }: Sources): Config {
  const { command, node, flags } = readFlags(argv)
  const environment = readEnvironment(env)
  const name = flags.name ?? environment.name ?? defaults.name
  if (!/^[a-z0-9]([-a-z0-9]{0,30}[a-z0-9])?$/.test(name)) {
    throw new ConfigError(`--name: "${name}" must be a DNS label of at most 32 lower-case letters, digits and "-"`)
  }
  const dataDir = flags['data-dir'] ?? environment['data-dir'] ?? join(dataHome(env, platform), name)
  const given = { ...defaults, ...readFile(join(dataDir, 'config.yaml')), ...environment, ...flags, name }
  return {
    command,
    ...(node && { node }),
    name,
    dataDir,
    securePort: given['secure-port'] === '' ? 6443 : portOf('secure-port', given['secure-port']),
    securePortAsked: given['secure-port'] !== '',
    kubeconfig: given.kubeconfig === '' ? join(dataDir, 'kubeconfig') : given.kubeconfig,
    headless: oneOf('headless', given.headless, ['true', 'false']) === 'true',
    serviceClusterIpRange: matching(
      'service-cluster-ip-range',
      given,
      /^((25[0-5]|2[0-4]\d|1?\d?\d)(\.(?!\/)|(?=\/))){4}\/([89]|[12]\d|30)$/,
      'an IPv4 range of /8 to /30 such as 10.96.0.0/16',
    ),
    serviceNodePortRange: matching('service-node-port-range', given, /^\d+-\d+$/, 'a port range such as 30000-32767'),
    clusterDomain: matching(
      'cluster-domain',
      given,
      /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/,
      'a DNS name such as cluster.local',
    ),
    runtime: oneOf('runtime', given.runtime, runtimes),
    nodeName: matching(
      'node-name',
      { ...given, 'node-name': given['node-name'] || `${name}-node` },
      /^[a-z0-9]([-a-z0-9.]{0,61}[a-z0-9])?$/,
      'a DNS name of at most 63 lower-case letters, digits, "-" and "."',
    ),
    dockerInstalled: hasDocker(env),
    agentImage: given['agent-image'],
    agentBaseImage: given['agent-base-image'],
    logLevel: oneOf('log-level', given['log-level'], levels),
    schedulerConfig: given['scheduler-config'] === '' ? undefined : readYaml(given['scheduler-config']),
    kubeletConfig: given['kubelet-config'] === '' ? undefined : readYaml(given['kubelet-config']),
  }
}

function readFlags(argv: string[]): Pick<Config, 'command' | 'node'> & { flags: Partial<Record<Setting, string>> } {
  const own = Object.fromEntries(
    settings.map(name => [name, { type: name === 'headless' ? ('boolean' as const) : ('string' as const) }]),
  )
  try {
    const { values, positionals } = parseArgs({
      args: argv,
      options: { ...nodeOptions, ...own },
      allowPositionals: true,
    })
    const [first = '', ...rest] = positionals
    const command = oneOf('command', first, commands)
    const given = Object.entries(values).map(([name, value]) => [name, String(value)] as const)
    const flags = Object.fromEntries(given.filter(([name]) => name in own))
    const nodeFlags: NodeFlags = Object.fromEntries(given.filter(([name]) => !(name in own)))
    if (command === 'node') return { command, node: readNodeCommand(rest, nodeFlags), flags }
    if (rest.length > 0) throw new ConfigError(`"${rest.join(' ')}" is too much: one command at a time`)
    for (const name of Object.keys(nodeFlags)) throw new ConfigError(`--${name}: only podbay node has it`)
    return { command, flags }
  } catch (error) {
    if (error instanceof ConfigError) throw error
    throw new ConfigError(error instanceof Error ? error.message : String(error), { cause: error })
  }
}

function readEnvironment(env: Sources['env']): Partial<Record<Setting, string>> {
  const found: Partial<Record<Setting, string>> = {}
  for (const name of settings) {
    const value = env[`PODBAY_${name.toUpperCase().replaceAll('-', '_')}`]
    if (value !== undefined && value !== '') found[name] = value
  }
  return found
}

function readFile(file: string): Partial<Record<Setting, string>> {
  if (!existsSync(file)) return {}
  const content = readYaml(file)
  if (typeof content !== 'object' || content === null || Array.isArray(content))
    throw new ConfigError(`${file}: must be a map of settings`)
  const unknown = Object.keys(content).filter(key => !settings.includes(key as Setting))
  if (unknown.length > 0)
    throw new ConfigError(`${file}: unknown settings ${unknown.join(', ')}; known: ${settings.join(', ')}`)
  return Object.fromEntries(Object.entries(content).map(([key, value]) => [key, String(value)]))
}

function readYaml(file: string): unknown {
  try {
    return parse(readFileSync(file, 'utf8')) ?? {}
  } catch (error) {
    throw new ConfigError(`${file}: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
  }
}

function dataHome(env: Sources['env'], platform: NodeJS.Platform): string {
  if (platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'Podbay')
  if (platform === 'win32') return join(env['APPDATA'] ?? join(homedir(), 'AppData', 'Roaming'), 'Podbay')
  return join(env['XDG_DATA_HOME'] ?? join(homedir(), '.local', 'share'), 'podbay')
}

/** An address that is given counts as an engine; else there must be a command on the PATH. */
function hasDocker(env: Sources['env']): boolean {
  const names = ['docker', 'dockerd', 'docker.exe']
  const directories = (env['PATH'] ?? '').split(delimiter).filter(directory => directory !== '')
  return Boolean(env['DOCKER_HOST']) || directories.some(at => names.some(name => existsSync(join(at, name))))
}

function portOf(setting: Setting, text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65535) return Number(text)
  throw new ConfigError(`--${setting}: "${text}" must be a port from 0 to 65535`)
}

function oneOf<T extends string>(setting: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find(known => known === value)
  if (found !== undefined) return found
  const what =
    setting === 'command' ? (value === '' ? 'a command is missing' : `"${value}"`) : `--${setting}: "${value}"`
  throw new ConfigError(
    `${what} ${value === '' ? '' : 'is unknown'}; must be one of ${allowed.join(', ')}`.replace(' ;', ';'),
  )
}

function matching(setting: Setting, given: Record<Setting, string>, pattern: RegExp, what: string): string {
  const value = given[setting]
  if (pattern.test(value)) return value
  throw new ConfigError(`--${setting}: "${value}" must be ${what}`)
}
