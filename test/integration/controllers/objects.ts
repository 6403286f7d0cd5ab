import type { Deployment } from '../../../shared/api/apps.ts'
import type { Draft } from '../../../shared/api/object.ts'

/** A Deployment of one container per pod. */
export function deployment(
  name: string,
  spec: Partial<Deployment['spec']> & { image?: string } = {},
): Draft<Deployment> {
  const { image = 'web:1', ...rest } = spec
  return {
    metadata: { name, namespace: 'default' },
    spec: {
      replicas: 3,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: { containers: [{ name: 'main', image, ports: [{ name: 'http', containerPort: 8080 }] }] },
      },
      ...rest,
    },
  }
}
