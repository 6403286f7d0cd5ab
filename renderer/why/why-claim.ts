import { persistentVolumeClaims, type KubeEvent, type PersistentVolumeClaim } from '../../shared/api/core.ts'
import type { Message } from '../i18n/message.ts'
import { linkTo } from '../object-link.ts'
import { latest } from './events.ts'
import { linesOf, type Why } from './why.ts'

const told = [
  'WaitForFirstConsumer',
  'WaitForPodScheduled',
  'ProvisioningFailed',
  'FailedBinding',
  'ExternalProvisioning',
  'Provisioning',
]

/** Why a claim has no volume, by the last Event of the binder or the provisioner (pkg/controller/volume/persistentvolume). */
export function whyClaim(claim: PersistentVolumeClaim, events: readonly KubeEvent[]): Why | undefined {
  const phase = claim.status?.phase ?? 'Pending'
  if (phase === 'Bound' || claim.metadata.deletionTimestamp) return undefined
  const event = latest(events, told)
  const edit = { do: 'edit', label: { key: 'why.do.edit' }, target: linkTo(persistentVolumeClaims, claim) } as const
  return {
    question: { key: 'why.question.claim' },
    sentence:
      phase === 'Lost' ? { key: 'why.claim.lost', params: { name: claim.spec.volumeName ?? '' } } : sentenceOf(event),
    sure: true,
    actions: event?.reason?.startsWith('WaitFor') ? [] : [edit],
    facts: event ? [{ label: { key: 'why.fact.event' }, lines: linesOf(event.message ?? '') }] : [],
  }
}

function sentenceOf(event: KubeEvent | undefined): Message {
  const { reason, message = '' } = event ?? {}
  switch (reason) {
    case 'WaitForFirstConsumer':
    case 'WaitForPodScheduled':
      return { key: 'why.claim.consumer' }
    case 'ProvisioningFailed': {
      const [, name] = /storageclass\S* "([^"]+)" not found/.exec(message) ?? []
      return name === undefined ? { key: 'why.claim.failed' } : { key: 'why.claim.noClass', params: { name } }
    }
    case 'FailedBinding':
      return { key: 'why.claim.noVolume' }
    case 'ExternalProvisioning':
    case 'Provisioning':
      return { key: 'why.claim.provisioning' }
    default:
      return { key: 'why.claim.waits' }
  }
}
