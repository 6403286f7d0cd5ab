// kubectl 1.36 for the tests: from Debian unstable on the mirror that this machine already uses, without touching its apt.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDebian, output, root, step, stop } from './steps.mjs'

const directory = join(root, '.cache', 'kubectl')
const binary = join(directory, 'usr', 'bin', 'kubectl')

/** Returns the path of a kubectl 1.36. */
export async function ensureKubectl() {
  const given = process.env.KUBECTL
  if (given) return given
  if (existsSync(binary)) return binary
  if (!isDebian) return stop('The tests need kubectl 1.36: set KUBECTL to its path')
  const apt = join(directory, 'apt')
  for (const part of ['lists/partial', 'cache/archives/partial']) mkdirSync(join(apt, part), { recursive: true })
  writeFileSync(join(apt, 'sources.list'), `deb [${signedBy()}] ${mirror()} sid main\n`)
  const options = [
    ...[
      'Dir::Etc::sourcelist=' + join(apt, 'sources.list'),
      'Dir::Etc::sourceparts=/dev/null',
      'Dir::State::status=/dev/null',
    ],
    ...['Dir::State::lists=' + join(apt, 'lists'), 'Dir::Cache=' + join(apt, 'cache'), 'Acquire::Languages=none'],
    ...['APT::Sandbox::User=', 'Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false'],
  ].flatMap(option => ['-o', option])
  await step("reading Debian unstable's package list", 'apt-get', [...options, 'update'])
  const cwd = directory
  await step('fetching kubectl 1.36', 'apt-get', [...options, 'download', 'kubectl'], { cwd })
  const deb = readdirSync(directory).find(name => name.endsWith('.deb'))
  await step('unpacking kubectl', 'dpkg-deb', ['-x', deb, '.'], { cwd })
  const version = output(binary, ['version', '--client'])
  if (!version?.includes('v1.36')) return stop(`Debian unstable's kubectl is not 1.36:\n${version}`)
  return binary
}

function sources() {
  const parts = '/etc/apt/sources.list.d'
  const files = [
    ...(existsSync(parts) ? readdirSync(parts).map(name => join(parts, name)) : []),
    '/etc/apt/sources.list',
  ]
  return files
    .filter(file => existsSync(file))
    .map(file => readFileSync(file, 'utf8'))
    .join('\n')
}

function mirror() {
  const found = /^(?:URIs:|deb(?:\s+\[[^\]]*\])?)\s+(https?:\/\/\S+\/debian)\/?(?=\s|$)/m.exec(sources())
  return found?.[1] ?? stop('No Debian mirror in /etc/apt: set KUBECTL to the path of a kubectl 1.36')
}

function signedBy() {
  return 'signed-by=/usr/share/keyrings/debian-archive-keyring.gpg'
}
