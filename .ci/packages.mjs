// The system packages that a purpose needs, installed as root on Debian, else named with the command to run.
import { existsSync } from 'node:fs'
import { has, isDebian, isRoot, say, step, stop } from './steps.mjs'

const needs = {
  docker: { package: 'docker.io', present: () => has('dockerd') || has('docker') },
  iptables: { package: 'iptables', present: () => has('iptables') || existsSync('/usr/sbin/iptables') },
  chromium: { package: 'chromium', present: () => has('chromium') },
  xvfb: { package: 'xvfb', present: () => has('Xvfb') },
}

const purposes = {
  engine: ['docker', 'iptables'],
  start: ['docker', 'iptables'],
  test: ['docker', 'iptables', 'chromium', 'xvfb'],
}

/** Makes sure of the packages of `purpose`. What can be done without (Docker, to run pods) is only reported. */
export async function ensurePackages(purpose) {
  const dockerdMissing = purpose === 'test' && !has('dockerd') && !process.env.DOCKER_HOST
  const missing = purposes[purpose].filter(name => !needs[name].present() || (name === 'docker' && dockerdMissing))
  if (missing.length === 0) return
  const names = missing.map(name => needs[name].package)
  if (!isDebian || !isRoot) {
    const how = isDebian
      ? `sudo apt-get install ${names.join(' ')}`
      : `install ${names.join(', ')} by your system's means`
    if (purpose === 'test') return stop(`The tests need: ${names.join(', ')}. To get them: ${how}`)
    return say(`Without ${names.join(', ')} pods are only simulated. To run them: ${how}`)
  }
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  await step('apt-get update', 'apt-get', ['update'], { env })
  await step(`apt-get install ${names.join(' ')}`, 'apt-get', ['install', '-y', '--no-install-recommends', ...names], {
    env,
  })
}
