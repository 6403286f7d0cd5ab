import { expect, it } from 'vitest'
import type { PersistentVolumeClaim } from '../../shared/api/core.ts'
import { eventOf } from '../testing/objects.ts'
import { whyClaim } from './why-claim.ts'

const claim = (phase: string): PersistentVolumeClaim => ({
  kind: 'PersistentVolumeClaim',
  metadata: { name: 'data', namespace: 'shop', uid: 'c' },
  spec: {},
  status: { phase },
})

it.each([
  ['WaitForFirstConsumer', 'waiting for first consumer to be created before binding', 'why.claim.consumer'],
  ['ProvisioningFailed', 'storageclass.storage.k8s.io "fast" not found', 'why.claim.noClass'],
  ['FailedBinding', 'no persistent volumes available for this claim and no storage class is set', 'why.claim.noVolume'],
])('explains a claim that waits by what was last said of it: %s', (reason, message, key) => {
  const before = eventOf('Provisioning', 'before', 60)
  const why = whyClaim(claim('Pending'), [before, eventOf(reason, message)])
  expect([why?.sentence.key, why?.facts[0]?.lines]).toEqual([key, [message]])
})

it('has nothing to say of one that is bound', () => {
  expect(whyClaim(claim('Bound'), [eventOf('ProvisioningFailed', 'once')])).toBeUndefined()
  expect(whyClaim(claim('Lost'), [])?.sentence.key).toBe('why.claim.lost')
})
