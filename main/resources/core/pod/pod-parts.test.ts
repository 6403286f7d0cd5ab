import { describe, expect, it } from 'vitest'
import type { Pod } from '../../../../shared/api/core.ts'
import { pod } from './pod.ts'

const context = { now: 0, random: () => 0, user: 'jane', warn: () => undefined }
const limited = { requests: { cpu: '1', memory: '1Gi' }, limits: { cpu: '1', memory: '1Gi' } }
const debug = { name: 'debug', image: 'busybox', targetContainerName: 'web' }

function running(spec: Partial<Pod['spec']> = {}, change: Partial<Pod['metadata']> = {}): Pod {
  const object: Pod = {
    metadata: { name: 'web', namespace: 'default', uid: 'u', generation: 1, labels: { app: 'web' }, ...change },
    spec: { containers: [{ name: 'web', image: 'nginx', resources: limited }], nodeName: 'n', ...spec },
    status: { phase: 'Running', qosClass: 'Guaranteed' },
  }
  pod.setDefaults?.(object)
  return object
}

/** The pod after a write to a subresource, and what is wrong with it. */
function write(part: 'ephemeralcontainers' | 'resize', old: Pod, change: (object: Pod) => void) {
  const object = structuredClone(old)
  change(object)
  pod.setDefaults?.(object)
  pod.parts?.[part]?.prepareForUpdate(object, old, context)
  return { object, faults: (pod.parts?.[part]?.validateUpdate(object, old) ?? []).map(fault => fault.message) }
}

describe('/ephemeralcontainers', () => {
  it('adds a container and changes nothing else', () => {
    const old = running()
    const { object, faults } = write('ephemeralcontainers', old, changed => {
      changed.spec.ephemeralContainers = [{ ...debug }]
      changed.spec.containers[0]!.image = 'other'
      changed.metadata.labels = {}
      changed.status = { phase: 'Failed' }
    })
    expect(faults).toEqual([])
    expect(object.spec.ephemeralContainers).toMatchObject([{ ...debug, imagePullPolicy: 'Always' }])
    expect(object.metadata).toEqual({ ...old.metadata, generation: 2 })
    expect([object.spec.containers, object.status]).toEqual([old.spec.containers, old.status])
  })

  it.each([
    ['goes', [], 'existing ephemeral containers "debug" may not be removed'],
    ['changes', [{ ...debug, image: 'other' }], 'existing ephemeral containers "debug" may not be changed'],
    ['is for a container that is not there', [{ ...debug, targetContainerName: 'x' }], 'Not found: "x"'],
    ['has the name of another', [{ ...debug, name: 'web' }], 'Duplicate value: "web"'],
    ['has probes', [{ ...debug, livenessProbe: {} }], 'cannot be set for an Ephemeral Container'],
  ])('refuses one that %s', (_, now, why) => {
    const old = running({ ephemeralContainers: [{ ...debug }] })
    const { faults } = write('ephemeralcontainers', old, changed => (changed.spec.ephemeralContainers = now))
    expect(faults.join()).toContain(why)
  })

  it('refuses pods that no API server made', () => {
    const old = running({}, { annotations: { 'kubernetes.io/config.mirror': 'x' } })
    const { faults } = write('ephemeralcontainers', old, changed => (changed.spec.ephemeralContainers = [{ ...debug }]))
    expect(faults).toEqual(['Forbidden: static pods do not support ephemeral containers'])
  })
})

describe('/resize', () => {
  const sized = (cpu: string) => ({ requests: { cpu, memory: '1Gi' }, limits: { cpu, memory: '1Gi' } })
  const resize = (old: Pod, change: (container: Pod['spec']['containers'][number]) => void) =>
    write('resize', old, ({ spec }) => {
      for (const container of spec.containers) change(container)
    })

  it('changes CPU and memory, and nothing else', () => {
    const old = running()
    const { object, faults } = resize(old, container => Object.assign(container, { resources: sized('2'), image: 'x' }))
    expect(faults).toEqual([])
    expect(object.spec.containers).toMatchObject([{ image: 'nginx', resources: sized('2') }])
    expect(object.metadata.generation).toBe(2)
  })

  it.each([
    ['the QoS class', { requests: { cpu: '1', memory: '1Gi' }, limits: { cpu: '2', memory: '1Gi' } }, 'QOS Class'],
    ['other resources', { requests: limited.requests, limits: { ...limited.limits, 'example.com/x': '1' } }, 'mutable'],
    ['what is asked for at all', { requests: { cpu: '1' }, limits: { cpu: '1' } }, 'resource limits cannot be removed'],
  ])('refuses to change %s', (_, resources, why) => {
    expect(resize(running(), container => Object.assign(container, { resources })).faults.join()).toContain(why)
  })

  it('refuses containers that come or move', () => {
    const added = write('resize', running(), ({ spec }) => spec.containers.push({ name: 'b', image: 'x' }))
    expect(added.faults.join()).toContain('containers may not be added or removed on resize')
    const renamed = resize(running(), container => (container.name = 'other'))
    expect(renamed.faults.join()).toContain('containers may not be renamed or reordered on resize')
  })

  it('refuses what the node of a running container can not do', () => {
    const old = running()
    const status = { name: 'web', image: 'nginx', imageID: '', ready: true, restartCount: 0, state: { running: {} } }
    old.status = { ...old.status, containerStatuses: [status] }
    const grown = () => resize(old, container => (container.resources = sized('2'))).faults
    expect(grown()).toEqual(['Forbidden: Pod running on node without support for resize'])
    old.status.containerStatuses = [{ ...status, resources: limited }]
    expect(grown()).toEqual([])
  })
})
