import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import type { HorizontalPodAutoscaler } from '../../shared/api/autoscaling.ts'
import type { CronJob, Job } from '../../shared/api/batch.ts'
import type { Pod } from '../../shared/api/core.ts'
import { withoutDocker } from '../helpers/docker.ts'
import { useCluster } from '../helpers/cluster.ts'
import { eventually } from '../helpers/eventually.ts'

const long = 120_000
const shell = ['--image=podbay.test/shell:1', '--image-pull-policy=IfNotPresent']

describe.skipIf(withoutDocker)(`Jobs, CronJobs, DaemonSets and autoscalers on Docker ${withoutDocker}`, () => {
  const { kubectl, read, list } = useCluster('batch')
  beforeAll(async () => {
    // What takes its time goes on beside the other tests.
    for (const manifest of ['busy.yaml', 'every-minute.yaml']) await apply(manifest)
  })

  const apply = (manifest: string) => kubectl.ok(['apply', '-f', join(import.meta.dirname, 'workloads', manifest)])
  const completed = (job: string) => kubectl.ok(['wait', `job/${job}`, '--for=condition=Complete', '--timeout=120s'])
  /** The lines that the pods of a Job wrote, sorted. */
  const output = async (job: string) =>
    (await kubectl.ok(['logs', '-l', `job-name=${job}`, '--tail=-1'])).trim().split('\n').sort()

  describe('Jobs', () => {
    beforeAll(() => apply('jobs.yaml'))

    it('run one pod to its end', async () => {
      await completed('sum')
      expect(await kubectl.ok(['logs', 'job/sum'])).toBe('5050\n')
    })

    it('run a fixed number of pods, each with an index', async () => {
      await completed('indexed')
      expect(await output('indexed')).toEqual(['0 red', '1 green', '2 blue'])
      expect((await read<Job>('job', 'indexed')).status).toMatchObject({ succeeded: 3, completedIndexes: '0-2' })
    })

    it('work off a queue, each task once', async () => {
      await completed('workers')
      expect((await output('workers')).filter(line => line !== '')).toEqual(
        [1, 2, 3, 4, 5, 6, 7, 8].map(task => `done ${task}`),
      )
      expect((await read<Job>('job', 'workers')).status).toMatchObject({ succeeded: 2 })
    })
  })

  describe('CronJobs', () => {
    const cronJob = (policy: string) => policy.toLowerCase()
    const script = 'trap exit TERM; until [ -e /tmp/done ]; do sleep 1 & wait $!; done'
    const manifest = (policy: string) =>
      JSON.stringify({
        apiVersion: 'batch/v1',
        kind: 'CronJob',
        metadata: { name: cronJob(policy) },
        spec: {
          schedule: '0 0 30 2 *',
          concurrencyPolicy: policy,
          jobTemplate: {
            spec: {
              template: {
                spec: {
                  restartPolicy: 'Never',
                  containers: [
                    {
                      name: 'c',
                      image: 'podbay.test/shell:1',
                      imagePullPolicy: 'IfNotPresent',
                      command: ['sh', '-c', script],
                    },
                  ],
                },
              },
            },
          },
        },
      })
    const minute = 60_000
    const patch = (policy: string, change: object, ...more: string[]) =>
      kubectl.ok(['patch', 'cronjob', cronJob(policy), '--type=merge', '-p', JSON.stringify(change), ...more])
    /** Lets the minute some minutes ago be a time that was missed, and returns the name of its Job. */
    async function miss(policy: string, minutesAgo: number) {
      const time = Date.now() - minutesAgo * minute
      await patch(policy, { spec: { schedule: `${new Date(time).getUTCMinutes()} * * * *` } })
      return `${cronJob(policy)}-${Math.floor(time / minute)}`
    }
    /** Of a CronJob that ran ten minutes ago and missed a time since: its first Job, which runs. */
    async function first(policy: string) {
      await kubectl.ok(['apply', '-f', '-'], manifest(policy))
      const lastScheduleTime = new Date(Date.now() - 10 * minute).toISOString().replace(/\.\d+/, '')
      await patch(policy, { status: { lastScheduleTime } }, '--subresource=status')
      const job = await miss(policy, 6)
      await running([job], policy)
      return job
    }
    /** Waits until the pods of these Jobs, and no other, run for a CronJob. */
    const running = (jobs: string[], policy: string) =>
      eventually(async () => {
        const items = await list<Pod>('pods', '--field-selector=status.phase=Running')
        const owners = items.map(pod => pod.metadata.labels?.['job-name'] ?? '')
        expect(owners.filter(owner => owner.startsWith(`${cronJob(policy)}-`)).sort()).toEqual(jobs)
        const { status } = await read<CronJob>('cronjob', cronJob(policy))
        expect(status?.active?.map(job => job.name).sort()).toEqual(jobs)
      }, long)

    it('that allow it run Jobs side by side', async () => {
      const before = await first('Allow')
      await running([before, await miss('Allow', 4)], 'Allow')
    })

    it('that forbid it start the next Job when the last has ended', async () => {
      const before = await first('Forbid')
      const next = await miss('Forbid', 4)
      await eventually(async () => {
        expect(await kubectl.ok(['describe', 'cronjob', 'forbid'])).toMatch(
          /JobAlreadyActive .*prior execution is running and concurrency policy is Forbid/,
        )
      })
      await running([before], 'Forbid')
      await kubectl.ok(['exec', `job/${before}`, '--', 'touch', '/tmp/done'])
      await running([next], 'Forbid')
      await completed(before)
    })

    it('that replace end the Job before', async () => {
      const before = await first('Replace')
      await running([await miss('Replace', 4)], 'Replace')
      expect((await kubectl.run(['get', 'job', before])).output).toContain('not found')
    })

    it('run on demand, too', async () => {
      await kubectl.ok(['create', 'job', 'by-hand', '--from=cronjob/every-minute'])
      await completed('by-hand')
      expect(await kubectl.ok(['logs', 'job/by-hand'])).toBe('hello from the clock\n')
    })

    it('run when it is time', async () => {
      const started = await eventually(async () => {
        const items = await list<Job>('jobs')
        const [job] = items.filter(({ metadata }) => metadata.name.startsWith('every-minute-'))
        expect(job).toBeDefined()
        return job?.metadata.name ?? ''
      }, long)
      await completed(started)
      expect(await kubectl.ok(['logs', `job/${started}`])).toBe('hello from the clock\n')
    })
  })

  describe('a log agent on each node', () => {
    const agent = (...command: string[]) => kubectl.ok(['exec', 'daemonset/log-agent', '--', ...command])
    const files = async (path: string) => (await agent('sh', '-c', `ls -d ${path} || true`)).trim()

    it('reads what containers write, also those that ran before it and those that come', async () => {
      const talk = (word: string) => ['--', 'sh', '-c', `echo ${word}; sleep 1000`]
      await kubectl.ok(['run', 'early', ...shell, ...talk('first-word')])
      await kubectl.ok(['wait', 'pod/early', '--for=condition=Ready', '--timeout=120s'])
      await apply('log-agent.yaml')
      await kubectl.ok(['rollout', 'status', 'daemonset/log-agent', '--timeout=120s'])
      await kubectl.ok(['run', 'late', ...shell, ...talk('second-word')])
      await eventually(async () => {
        const shipped = await kubectl.ok(['logs', 'daemonset/log-agent'])
        expect(shipped).toMatch(/^early_default_early-[0-9a-f]{64} .*first-word/m)
        expect(shipped).toMatch(/^late_default_late-[0-9a-f]{64} .*second-word/m)
      }, long)
    })

    it('finds a log for each start of a container, and none of pods that are gone', async () => {
      const pod = ['run', 'again', ...shell, '--restart=Always', '--', 'sh', '-c', 'echo I am; sleep 1']
      await kubectl.ok(pod)
      const logs = `/var/log/pods/default_again_*/again`
      await eventually(async () => {
        expect(await agent('sh', '-c', `grep -h "I am" ${logs}/1.log`)).toContain('"I am\\n"')
      }, long)
      await kubectl.ok(['delete', 'pod', 'again', '--now'])
      await eventually(async () => {
        expect(await files('/var/log/pods/default_again_* /var/log/containers/again_*')).toBe('')
      })
      expect(await files('/var/log/containers/early_*')).toMatch(/^\/var\/log\/containers\/early_default_early-/)
    })
  })

  it('an autoscaler adds a replica to a Deployment that is busy', async () => {
    await eventually(async () => {
      const { status } = await read<HorizontalPodAutoscaler>('hpa', 'busy')
      expect(status).toMatchObject({ desiredReplicas: 2, currentReplicas: 2 })
    }, 180_000)
    await kubectl.ok(['rollout', 'status', 'deployment/busy', '--timeout=120s'])
    expect(await kubectl.ok(['describe', 'hpa', 'busy'])).toContain('New size: 2; reason: cpu resource utilization')
  })
})
