import type { Pod } from '../../shared/api/core.ts'
import type { Kubectl } from './kubectl.ts'

/** A pod of the tests' own image that ends at once when it is told to. */
export const sleeper = (name: string) =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: {
      terminationGracePeriodSeconds: 1,
      containers: [
        {
          name: 'shell',
          image: 'podbay.test/shell:1',
          imagePullPolicy: 'IfNotPresent',
          command: ['sh', '-c', `echo ${name} is here; trap exit TERM; while :; do sleep 1 & wait; done`],
        },
      ],
    },
  })

/** A pod as kubectl reads it. */
export async function podNamed(kubectl: Kubectl, name: string): Promise<Pod> {
  return JSON.parse(await kubectl.ok(['get', 'pod', name, '-o', 'json'])) as Pod
}
