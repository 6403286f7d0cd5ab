import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ConfigError, readConfig } from './config.ts'

let directory = ''
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'config-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

const read = (argv: string[], env: Record<string, string> = {}) => readConfig({ argv, env, platform: 'linux' })

describe('readConfig', () => {
  it('keeps each cluster in a directory of its own', () => {
    const config = read(['up', '--name', 'shop'], { XDG_DATA_HOME: '/data' })
    expect(config).toMatchObject({
      dataDir: '/data/podbay/shop',
      kubeconfig: '/data/podbay/shop/kubeconfig',
      nodeName: 'shop-node',
    })
  })

  it('lets flags win over the environment, and the environment over the file', () => {
    writeFileSync(join(directory, 'config.yaml'), 'secure-port: 7001\ncluster-domain: file.test\nlog-level: debug\n')
    const env = { PODBAY_SECURE_PORT: '7002', PODBAY_CLUSTER_DOMAIN: 'env.test' }
    const config = read(['up', '--data-dir', directory, '--secure-port', '7003'], env)
    expect(config).toMatchObject({
      securePort: 7003,
      clusterDomain: 'env.test',
      logLevel: 'debug',
      securePortAsked: true,
    })
  })

  it('knows whether there is a Docker that could be started', () => {
    writeFileSync(join(directory, 'dockerd'), '')
    expect(read(['up'], { PATH: '/nowhere' }).dockerInstalled).toBe(false)
    expect(read(['up'], { PATH: `/nowhere${delimiter}${directory}` }).dockerInstalled).toBe(true)
    expect(read(['up'], { PATH: '/nowhere', DOCKER_HOST: 'tcp://127.0.0.1:2375' }).dockerInstalled).toBe(true)
  })

  it('reads the file that configures the scheduler', () => {
    const file = join(directory, 'scheduler.yaml')
    writeFileSync(file, 'kind: KubeSchedulerConfiguration')
    expect(read(['up', '--scheduler-config', file]).schedulerConfig).toEqual({ kind: 'KubeSchedulerConfiguration' })
    expect(read(['up']).schedulerConfig).toBeUndefined()
    expect(() => read(['up', '--scheduler-config', `${file}.old`])).toThrow(`${file}.old: ENOENT`)
  })

  it('reads the file that configures the kubelets', () => {
    const file = join(directory, 'kubelet.json')
    writeFileSync(file, '{"maxPods": 5}')
    expect(read(['up', '--kubelet-config', file]).kubeletConfig).toEqual({ maxPods: 5 })
    expect(read(['up']).kubeletConfig).toBeUndefined()
  })

  it('tries 6443 unless a port is asked for', () => {
    expect(read(['up'])).toMatchObject({ securePort: 6443, securePortAsked: false })
    expect(read(['up', '--secure-port', '0'])).toMatchObject({ securePort: 0, securePortAsked: true })
  })

  it.each([
    [['up', '--secure-port', 'x'], '--secure-port: "x" must be a port from 0 to 65535'],
    [['up', '--name', 'Shop!'], '--name: "Shop!" must be a DNS label'],
    [['up', '--runtime', 'podman'], '--runtime: "podman" is unknown; must be one of docker, simulated'],
    [['fly'], '"fly" is unknown; must be one of up, down, delete, status, node'],
    [[], 'a command is missing; must be one of up, down, delete, status, node'],
    [['up', '--colour', 'red'], "Unknown option '--colour'"],
    [['up', 'down'], '"down" is too much'],
    [['up', '--node-name', 'My_Node'], '--node-name: "My_Node" must be a DNS name'],
    [['up', '--service-cluster-ip-range', '10.96.0.0/31'], '"10.96.0.0/31" must be an IPv4 range of /8 to /30'],
    [['up', '--service-cluster-ip-range', 'ten'], '--service-cluster-ip-range: "ten" must be an IPv4 range'],
  ])('names what is wrong with %j', (argv, message) => {
    expect(() => read(argv)).toThrow(ConfigError)
    expect(() => read(argv)).toThrow(message)
  })

  it('names unknown settings of the file', () => {
    writeFileSync(join(directory, 'config.yaml'), 'port: 1\n')
    expect(() => read(['up', '--data-dir', directory])).toThrow(/config.yaml: unknown settings port; known: name/)
  })
})
