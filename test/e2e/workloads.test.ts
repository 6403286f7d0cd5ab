import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Deployment } from '../../shared/api/apps.ts'
import type { PersistentVolumeClaim, Pod } from '../../shared/api/core.ts'
import { withoutDocker } from '../helpers/docker.ts'
import { useCluster } from '../helpers/cluster.ts'
import { eventually } from '../helpers/eventually.ts'

const long = 120_000

describe.skipIf(withoutDocker)(`Deployments and StatefulSets on Docker ${withoutDocker}`, () => {
  const { kubectl, list, inPod } = useCluster('workloads')
  beforeAll(async () => {
    await kubectl.ok(['run', 'client', '--image=podbay.test/shell:1', '--image-pull-policy=IfNotPresent'])
    await kubectl.ok(['wait', 'pod/client', '--for=condition=Ready', '--timeout=120s'])
  })

  const file = (manifest: string) => join(import.meta.dirname, 'workloads', manifest)
  const apply = (manifest: string) => kubectl.ok(['apply', '-f', file(manifest)])
  const remove = (manifest: string) => kubectl.ok(['delete', '--now', '--wait=false', '-f', file(manifest)])
  const rolledOut = (workload: string) => kubectl.ok(['rollout', 'status', workload, '--timeout=120s'])
  const scale = (workload: string, replicas: number) => kubectl.ok(['scale', workload, `--replicas=${replicas}`])

  describe('a canary', () => {
    beforeAll(() => apply('canary.yaml'))
    afterAll(() => remove('canary.yaml'))

    /** How many of some requests to the Service each Deployment's pods answer. */
    async function answers(requests: number) {
      const script = `for i in $(seq ${requests}); do wget -qO- http://shop/ || exit 1; done`
      const pods = (await inPod('client', script)).trim().split('\n')
      const of = (deployment: string) => pods.filter(pod => pod.startsWith(`${deployment}-`)).length
      return { stable: of('stable'), canary: of('canary') }
    }

    it('answers in the share of its replicas beside the stable Deployment', async () => {
      await rolledOut('deployment/stable')
      await rolledOut('deployment/canary')
      await eventually(async () => expect((await answers(20)).canary).toBeGreaterThan(0))
      const { stable, canary } = await answers(200)
      expect(stable + canary).toBe(200)
      // A quarter, and four standard deviations to both sides.
      expect(canary).toBeGreaterThan(25)
      expect(canary).toBeLessThan(75)
    })

    it('takes over when the stable Deployment is scaled away', async () => {
      await scale('deployment/canary', 2)
      await rolledOut('deployment/canary')
      await scale('deployment/stable', 0)
      await eventually(async () => expect(await answers(20)).toEqual({ stable: 0, canary: 20 }))
    })
  })

  describe('a Deployment with a history', () => {
    beforeAll(() => apply('releases.yaml'))
    afterAll(() => remove('releases.yaml'))

    const cause = (text: string) =>
      kubectl.ok(['annotate', 'deployment/app', '--overwrite', `kubernetes.io/change-cause=${text}`])
    const history = async () => {
      const lines = (await kubectl.ok(['rollout', 'history', 'deployment/app'])).trim().split('\n')
      return lines.slice(2).map(line => line.replace(/\s+/, ' '))
    }
    const releases = async () => {
      const pods = await list<Pod>('pods', '-l', 'app=app')
      return Promise.all(pods.map(({ metadata }) => inPod(metadata.name, 'echo $RELEASE')))
    }

    it('keeps its pods when a release cannot start', async () => {
      await rolledOut('deployment/app')
      await kubectl.ok(['set', 'env', 'deployment/app', 'RELEASE=two'])
      await cause('release two')
      await rolledOut('deployment/app')
      await kubectl.ok(['set', 'image', 'deployment/app', 'app=podbay.test/none:1'])
      await cause('release three')
      await eventually(async () => {
        const states = (await list<Pod>('pods', '-l', 'app=app')).map(pod => pod.status?.containerStatuses?.[0]?.state)
        const reasons = states.map(state => state?.waiting?.reason)
        expect(reasons.filter(reason => reason === 'ErrImagePull' || reason === 'ImagePullBackOff')).toHaveLength(1)
      }, long)
      const [app] = await list<Deployment>('deployments', '--field-selector=metadata.name=app')
      expect(app?.status).toMatchObject({ availableReplicas: 2, updatedReplicas: 1 })
      await eventually(async () =>
        expect(await history()).toEqual(['1 release one', '2 release two', '3 release three']),
      )
    })

    it('goes back to a revision of its history', async () => {
      expect(await kubectl.ok(['rollout', 'history', 'deployment/app', '--revision=2'])).toMatch(/RELEASE:\s+two/)
      expect((await kubectl.run(['rollout', 'undo', 'deployment/app', '--to-revision=9'])).output).toContain(
        'unable to find specified revision 9 in history',
      )
      await kubectl.ok(['rollout', 'undo', 'deployment/app', '--to-revision=1'])
      await rolledOut('deployment/app')
      await eventually(async () => expect(await releases()).toEqual(['one\n', 'one\n']))
      expect(await history()).toEqual(['2 release two', '3 release three', '4 release one'])
    })
  })

  describe('an ordered StatefulSet', () => {
    afterAll(() => remove('ordered.yaml'))

    /** What happens to the pods of an app in the order in which it does, each thing once; `end` stops looking. */
    function follow(app: string) {
      const seen = new Set<string>()
      const path = `/api/v1/namespaces/default/pods?watch=true&labelSelector=app%3D${app}`
      const child = kubectl.start(['get', '--raw', path])
      createInterface({ input: child.stdout }).on('line', line => {
        const { type, object } = JSON.parse(line) as { type: string; object: Pod }
        const ready = object.status?.conditions?.some(each => each.type === 'Ready' && each.status === 'True')
        const ending = object.metadata.deletionTimestamp !== undefined
        seen.add(`${object.metadata.name} is created`)
        if (ready && !ending) seen.add(`${object.metadata.name} is ready`)
        if (ending) seen.add(`${object.metadata.name} is ending`)
        if (type === 'DELETED') seen.add(`${object.metadata.name} is gone`)
      })
      return { seen, end: () => child.kill() }
    }
    const through = (steps: string[], ordinals: number[]) =>
      ordinals.flatMap(ordinal => steps.map(step => `ordered-${ordinal} is ${step}`))
    const starts = () => Promise.all([0, 1, 2].map(ordinal => inPod(`ordered-${ordinal}`, 'cat /data/starts')))
    const claims = async () =>
      (await list<PersistentVolumeClaim>('pvc')).map(({ metadata, spec }) => [metadata.name, spec.volumeName])

    it('is created from the first to the last and deleted from the last to the first', async () => {
      const { seen, end } = follow('ordered')
      await apply('ordered.yaml')
      const created = through(['created', 'ready'], [0, 1, 2])
      await eventually(() => expect([...seen]).toEqual(created), long)
      await kubectl.ok(['exec', 'ordered-1', '--', 'sh', '-c', 'echo kept >/data/note'])
      await scale('statefulset/ordered', 0)
      const deleted = through(['ending', 'gone'], [2, 1, 0])
      await eventually(() => expect([...seen]).toEqual([...created, ...deleted]), long)
      end()
    })

    it('finds the data of each ordinal again', async () => {
      const before = await claims()
      expect(before.map(([claim]) => claim)).toEqual(['data-ordered-0', 'data-ordered-1', 'data-ordered-2'])
      await scale('statefulset/ordered', 3)
      await rolledOut('statefulset/ordered')
      expect(await claims()).toEqual(before)
      expect(await starts()).toEqual([0, 1, 2].map(ordinal => `ordered-${ordinal}\n`.repeat(2)))
      expect(await inPod('ordered-1', 'cat /data/note')).toBe('kept\n')
    })

    it('has a name for each pod, and one for all', async () => {
      const ips = (await list<Pod>('pods', '-l', 'app=ordered')).map(pod => pod.status?.podIP)
      const addresses = (host: string) => inPod('client', `getent ahostsv4 ${host} | cut -d' ' -f1 | sort -u`)
      await eventually(async () => {
        for (const [ordinal, ip] of ips.entries()) {
          expect(await addresses(`ordered-${ordinal}.ordered.default.svc.cluster.local`)).toBe(`${ip}\n`)
          expect(await inPod('client', `wget -qO- http://ordered-${ordinal}.ordered:8080/`)).toBe(
            `ordered-${ordinal}\n`,
          )
        }
        expect((await addresses('ordered')).trim().split('\n').sort()).toEqual([...ips].sort())
      })
    })
  })

  describe('a primary and its replicas', () => {
    beforeAll(() => apply('replicated.yaml'))
    afterAll(() => remove('replicated.yaml'))

    const append = (pod: string, line: string) => [
      'exec',
      'client',
      '--',
      'curl',
      '-sf',
      `http://${pod}.store:8080/cgi-bin/append?${line}`,
    ]
    const lines = (host: string) => inPod('client', `curl -sf http://${host}/lines`)
    const everywhere = (replicas: number, text: string) =>
      eventually(async () => {
        for (let ordinal = 0; ordinal < replicas; ordinal++)
          expect(await lines(`store-${ordinal}.store:8080`)).toBe(text)
      })

    it('are told apart by init containers, and writes to the primary reach the replicas', async () => {
      await rolledOut('statefulset/store')
      expect(await inPod('store-0', 'head -n 1 /conf/store.conf')).toBe('role=primary\n')
      expect(await inPod('store-1', 'head -n 1 /conf/store.conf')).toBe('role=replica\n')
      await eventually(() => kubectl.ok(append('store-0', 'apple')))
      expect((await kubectl.run(append('store-1', 'pear'))).code).not.toBe(0)
      await everywhere(2, 'apple\n')
      expect(await lines('store-read')).toBe('apple\n')
    })

    it('grow by a replica that copies from its predecessor first', async () => {
      await scale('statefulset/store', 3)
      await rolledOut('statefulset/store')
      expect(await inPod('store-2', 'cat /data/cloned-from')).toBe('store-1\n')
      await everywhere(3, 'apple\n')
    })

    it('keep their data and roles when the primary is replaced', async () => {
      await kubectl.ok(['delete', 'pod', 'store-0'])
      await rolledOut('statefulset/store')
      await eventually(() => kubectl.ok(append('store-0', 'cherry')))
      await everywhere(3, 'apple\ncherry\n')
      await kubectl.ok(['wait', 'pod', '-l', 'app=store', '--for=condition=Ready', '--timeout=60s'])
    })
  })
})
