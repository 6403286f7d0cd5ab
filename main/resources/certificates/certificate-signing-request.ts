import {
  certificateSigningRequests,
  type CertificateSigningRequest,
  type CertificateSigningRequestCondition,
} from '../../../shared/api/certificates.ts'
import { toTime } from '../../../shared/machinery/clock.ts'
import { humanDuration } from '../../../shared/machinery/duration.ts'
import { ageColumn, nameColumn } from '../name-column.ts'
import { defineResource } from '../resource.ts'
import { schemaOf } from '../schemas.ts'
import { validateCreate, validateUpdate } from './validation.ts'

type Conditions = CertificateSigningRequestCondition[]
type Spec = CertificateSigningRequest['spec']

/** A request for a certificate, which others approve and a signer fulfils (pkg/registry/certificates/certificates). */
export const certificateSigningRequest = defineResource(certificateSigningRequests, {
  shortNames: ['csr'],
  schema: () => schemaOf('io.k8s.api.certificates.v1.CertificateSigningRequest'),
  // Upstream takes any name, and metadata asks only that it fits into a URL.
  validateName: () => [],
  setDefaults: ensureSpec,
  prepareForCreate: object => {
    object.status = {}
  },
  prepareForUpdate: keepSpec,
  validate: validateCreate,
  validateUpdate: (object, old) => validateUpdate(object, old, 'nothing'),
  status: {
    prepareForUpdate(object, old, { now }) {
      keepSpec(object, old)
      keepDecision(object, old)
      setTimes(object, old, now)
    },
    validateUpdate: (object, old) => validateUpdate(object, old, 'certificate'),
  },
  parts: {
    approval: {
      prepareForUpdate(object, old, { now }) {
        keepSpec(object, old)
        setTimes(object, old, now)
        object.status = { ...old.status, conditions: conditionsOf(object) }
      },
      validateUpdate: (object, old) => validateUpdate(object, old, 'decision'),
    },
  },
  fields: { 'spec.signerName': ({ spec }) => spec.signerName },
  columns: [
    nameColumn,
    ageColumn,
    { name: 'SignerName', type: 'string', cell: ({ spec }) => spec.signerName || '<none>' },
    { name: 'Requestor', type: 'string', cell: ({ spec }) => spec.username ?? '' },
    {
      name: 'RequestedDuration',
      type: 'string',
      cell: ({ spec: { expirationSeconds } }) =>
        expirationSeconds === undefined ? '<none>' : humanDuration(expirationSeconds * 1000),
    },
    { name: 'Condition', type: 'string', cell: printCondition },
  ],
})

/** Absent in what a client may send, whatever the type says. */
function ensureSpec(object: { spec?: Partial<Spec> }): void {
  object.spec ??= {}
}

const conditionsOf = ({ status }: CertificateSigningRequest): Conditions => status?.conditions ?? []

/** What was asked for, and by whom, does not change. */
function keepSpec(object: CertificateSigningRequest, old: CertificateSigningRequest): void {
  object.spec = structuredClone(old.spec)
}

/** A signer does not decide: it leaves the approval or denial as it is, whatever it sends. */
function keepDecision(object: CertificateSigningRequest, old: CertificateSigningRequest): void {
  for (const type of ['Approved', 'Denied']) {
    const before = conditionsOf(old).filter(condition => condition.type === type)
    const after = conditionsOf(object).filter(condition => condition.type === type)
    // More or fewer of them are a fault that validation tells.
    if (before.length !== after.length) continue
    after.forEach((condition, i) => Object.assign(condition, before[i]))
  }
}

/** Fills in the times that a client left out. */
function setTimes(object: CertificateSigningRequest, old: CertificateSigningRequest, now: number): void {
  for (const condition of conditionsOf(object)) {
    const before = conditionsOf(old).find(({ type, status }) => type === condition.type && status === condition.status)
    condition.lastUpdateTime ??= toTime(now)
    condition.lastTransitionTime ??= before?.lastTransitionTime ?? toTime(now)
  }
}

function printCondition(object: CertificateSigningRequest): string {
  const types = new Set(conditionsOf(object).map(({ type }) => type))
  const decision = types.has('Denied') ? 'Denied' : types.has('Approved') ? 'Approved' : 'Pending'
  return `${decision}${types.has('Failed') ? ',Failed' : ''}${object.status?.certificate ? ',Issued' : ''}`
}
