import { describe, expect, it } from 'vitest'
import type { Pod } from '../../shared/api/core.ts'
import { useCluster } from '../helpers/cluster.ts'
import { withoutDocker } from '../helpers/docker.ts'
import { shellPod } from '../helpers/shell-pod.ts'

describe.skipIf(withoutDocker)('what a node tells over its proxy', () => {
  const cluster = useCluster('node-api')
  const raw = (path: string, port = '') =>
    cluster.kubectl.ok(['get', '--raw', `/api/v1/nodes/${cluster.node}${port}/proxy${path}`])

  it('pods, logs and the files of /var/log, also of a pod that was deleted', async () => {
    // To one stream, since the engine keeps no order between two.
    const script = 'echo out; echo more; echo last; trap exit TERM; while :; do sleep 60 & wait; done'
    await cluster.apply(shellPod('talker', script))
    await cluster.ready('talker')
    const { metadata } = await cluster.read<Pod>('pod', 'talker')

    expect(await raw('/healthz')).toBe('ok')
    const names = (text: string) => (JSON.parse(text) as { items: Pod[] }).items.map(pod => pod.metadata.name)
    expect(names(await raw('/pods', ':10250'))).toContain('talker')
    expect(names(await raw('/runningpods', ':10250'))).toContain('talker')

    expect(await raw('/containerLogs/default/talker/c?tail=1')).toBe('last\n')
    expect(await cluster.kubectl.ok(['logs', 'talker', '--limit-bytes=6', '--prefix'])).toContain('[pod/talker/c] ')
    expect((await cluster.kubectl.run(['logs', 'talker', '-p'])).output).toContain(
      'previous terminated container "c" in pod "talker" not found',
    )

    const directory = `default_talker_${metadata.uid}`
    expect(await raw('/logs/pods/')).toContain(`<a href="${directory}/">`)
    const [link = ''] = /talker_default_c-[^"]*\.log/.exec(await raw('/logs/containers/')) ?? []
    expect(await raw(`/logs/containers/${link}`)).toContain('"log":"last\\n"')

    await cluster.kubectl.ok(['delete', 'pod', 'talker'])
    expect(await raw(`/logs/pods/${directory}/c/0.log`)).toMatch(/\S+Z out\n[^]*\S+Z last\n$/)
  })
})
