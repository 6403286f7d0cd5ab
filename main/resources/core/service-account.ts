import { serviceAccounts, type ServiceAccount } from '../../../shared/api/core.ts'
import { ageColumn, nameColumn } from '../name-column.ts'
import { defineResource } from '../resource.ts'
import { schemaOf } from '../schemas.ts'

export const serviceAccount = defineResource(serviceAccounts, {
  shortNames: ['sa'],
  schema: () => schemaOf('io.k8s.api.core.v1.ServiceAccount'),
  warnings,
  prepareForCreate: keepNamesOnly,
  prepareForUpdate: keepNamesOnly,
  columns: [nameColumn, ageColumn],
})

/** References to secrets carry a name and nothing else. */
function keepNamesOnly(object: ServiceAccount): void {
  if (object.secrets) object.secrets = object.secrets.map(({ name }) => (name === undefined ? {} : { name }))
}

const oldAnnotation = 'kubernetes.io/enforce-mountable-secrets'

/** Told when it is set, not whenever it is there. */
function warnings({ metadata }: ServiceAccount, old: ServiceAccount | undefined): string[] {
  const has = ({ annotations = {} }: ServiceAccount['metadata']) => oldAnnotation in annotations
  if (!has(metadata) || (old && has(old.metadata))) return []
  const instead = 'prefer separate namespaces to isolate access to mounted secrets'
  return [`metadata.annotations[${oldAnnotation}]: deprecated in v1.32+; ${instead}`]
}
