import { serviceAccounts, type ServiceAccount } from '../../../shared/api/core.ts'
import { ageColumn, nameColumn } from '../name-column.ts'
import { defineResource } from '../resource.ts'
import { schemaOf } from '../schemas.ts'

export const serviceAccount = defineResource(serviceAccounts, {
  shortNames: ['sa'],
  schema: () => schemaOf('io.k8s.api.core.v1.ServiceAccount'),
  prepareForCreate: keepNamesOnly,
  prepareForUpdate: keepNamesOnly,
  columns: [nameColumn, ageColumn],
})

/** References to secrets carry a name and nothing else. */
function keepNamesOnly(object: ServiceAccount): void {
  if (object.secrets) object.secrets = object.secrets.map(({ name }) => (name === undefined ? {} : { name }))
}
