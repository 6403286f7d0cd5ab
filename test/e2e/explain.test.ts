import { describe, expect, it } from 'vitest'
import { simulated, useCluster } from '../helpers/cluster.ts'

describe('kubectl explain', () => {
  const { kubectl } = useCluster('explain', { flags: simulated })

  it('tells what a type, a field and a field of another type are for', async () => {
    const text = await kubectl.ok(['explain', 'pods.spec'])
    expect(text).toContain('PodSpec is a description of a pod.')
    expect(text).toMatch(/dnsPolicy\t<string>\n\s+enum: .+\n\s+Set DNS policy for the pod\./)
    expect(text).toMatch(/restartPolicy\t<string>\n\s+enum: Always, Never, OnFailure\n/)
    expect(text).toMatch(/Possible enum values:\n\s+- `"Always"`\n\s+- `"Never"`\n\s+- `"OnFailure"`\n/)
    expect(text).toMatch(/affinity\t<Affinity>\n\s+Affinity is a group of affinity scheduling rules\./)
  })

  it('finds fields whose names are words of other languages', async () => {
    expect(await kubectl.ok(['explain', 'crd.spec.versions.schema.openAPIV3Schema'])).toMatch(
      /x-kubernetes-preserve-unknown-fields\t<boolean>\n\s+x-kubernetes-preserve-unknown-fields stops/,
    )
  })
})
