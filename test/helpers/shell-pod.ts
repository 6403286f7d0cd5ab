import type { Container, Pod, PodSpec } from '../../shared/api/core.ts'

/** An image of the tests with a shell and its tools, on the engine already. */
export const shellImage = { image: 'podbay.test/shell:1', imagePullPolicy: 'IfNotPresent' } as const

/** The end of a script that waits until it is told to end. */
export const untilEnded = 'trap exit TERM; while :; do sleep 60 & wait; done'

type PodManifest = Pick<Pod, 'apiVersion' | 'kind' | 'spec'> & { metadata: Options['metadata'] & { name: string } }

interface Options {
  metadata?: { labels?: Record<string, string>; annotations?: Record<string, string> }
  container?: Partial<Container>
  spec?: Partial<PodSpec>
}

/** A pod with one container `c` that runs a script; what the options say replaces the rest. */
export function shellPod(name: string, script = untilEnded, { metadata, container, spec }: Options = {}): PodManifest {
  const own = { name: 'c', ...shellImage, command: ['sh', '-c', script], ...container }
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...metadata, name },
    spec: { terminationGracePeriodSeconds: 1, containers: [own], ...spec },
  }
}
