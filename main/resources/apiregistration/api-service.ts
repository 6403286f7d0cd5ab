import { apiServices, type APIService } from '../../../shared/api/apiregistration.ts'
import type { StatusCause } from '../../../shared/api/object.ts'
import { toTime } from '../../../shared/machinery/clock.ts'
import { invalid, required } from '../../../shared/machinery/field-errors.ts'
import { isDns1035Label, isDns1123Subdomain, isPathSegmentName, isPortNumber } from '../../../shared/machinery/names.ts'
import { invalidFor, knownOnly } from '../faults.ts'
import { ageColumn, nameColumn } from '../name-column.ts'
import { defineResource } from '../resource.ts'
import { schemaOf } from '../schemas.ts'
import { ensureStructs } from '../structs.ts'

/** kube-aggregator/pkg/registry/apiservice. */
export const apiService = defineResource(apiServices, {
  categories: ['api-extensions'],
  schema: () => schemaOf('io.k8s.kube-aggregator.pkg.apis.apiregistration.v1.APIService'),
  setDefaults: object => {
    ensureStructs(object, 'spec')
    if (object.spec.service) object.spec.service.port ??= 443
  },
  prepareForCreate(object, { now }) {
    object.status = object.spec.service ? {} : { conditions: [localCondition(now)] }
  },
  validateName: isPathSegmentName,
  validate,
  validateUpdate: validate,
  status: { validateUpdate: validateStatus },
  unconditionalUpdate: false,
  columns: [
    nameColumn,
    {
      name: 'Service',
      type: 'string',
      cell: ({ spec: { service } }) => (service ? `${service.namespace ?? ''}/${service.name ?? ''}` : 'Local'),
    },
    { name: 'Available', type: 'string', cell: availability },
    ageColumn,
  ],
})

function localCondition(now: number) {
  return {
    type: 'Available',
    status: 'True',
    lastTransitionTime: toTime(now),
    reason: 'Local',
    message: 'Local APIServices are always available',
  }
}

function availability({ status }: APIService): string {
  const condition = status?.conditions?.find(({ type }) => type === 'Available')
  if (!condition) return 'Unknown'
  return condition.status === 'True' || !condition.reason
    ? condition.status
    : `${condition.status} (${condition.reason})`
}

function validate({ metadata, spec }: APIService): StatusCause[] {
  const { group = '', version = '', groupPriorityMinimum = 0, versionPriority = 0 } = spec as Partial<Spec>
  const name = `${version}.${group}`
  return [
    // A name that can be none at all is refused as such.
    ...(metadata.name === name || isPathSegmentName(metadata.name).length > 0
      ? []
      : [invalid('metadata.name', metadata.name, `must be \`spec.version+"."+spec.group\`: ${JSON.stringify(name)}`)]),
    ...(group === '' && version !== 'v1'
      ? [required('spec.group', 'only v1 may have an empty group and it better be legacy kube')]
      : []),
    ...(group === '' ? [] : invalidFor('spec.group', group, isDns1123Subdomain(group))),
    ...invalidFor('spec.version', version, isDns1035Label(version)),
    ...validatePriority('spec.groupPriorityMinimum', groupPriorityMinimum, 20000),
    ...validatePriority('spec.versionPriority', versionPriority, 1000),
    ...(spec.service ? validateRemote(spec) : validateLocal(spec)),
  ]
}

type Spec = APIService['spec']

function validatePriority(path: string, value: number, limit: number): StatusCause[] {
  return value > 0 && value <= limit ? [] : [invalid(path, value, `must be positive and less than ${limit}`)]
}

function validateLocal({ caBundle = '', insecureSkipTLSVerify }: APIService['spec']): StatusCause[] {
  const size = Buffer.from(caBundle, 'base64').length
  return [
    ...(size > 0 ? [invalid('spec.caBundle', `${size} bytes`, 'local APIServices may not have a caBundle')] : []),
    ...(insecureSkipTLSVerify === true
      ? [invalid('spec.insecureSkipTLSVerify', true, 'local APIServices may not have insecureSkipTLSVerify')]
      : []),
  ]
}

function validateRemote({ service, caBundle, insecureSkipTLSVerify }: APIService['spec']): StatusCause[] {
  const { namespace, name, port = 443 } = service ?? {}
  const wrong = isPortNumber(port)
  return [
    ...(namespace ? [] : [required('spec.service.namespace')]),
    ...(name ? [] : [required('spec.service.name')]),
    ...(wrong.length > 0 ? [invalid('spec.service.port', port, `port is not valid: ${wrong.join(', ')}`)] : []),
    ...(insecureSkipTLSVerify === true && caBundle
      ? [invalid('spec.insecureSkipTLSVerify', true, 'may not be true if caBundle is present')]
      : []),
  ]
}

function validateStatus({ status }: APIService): StatusCause[] {
  return (status?.conditions ?? []).flatMap((condition, i) =>
    knownOnly(`status.conditions[${i}].status`, condition.status, ['True', 'False', 'Unknown']),
  )
}
