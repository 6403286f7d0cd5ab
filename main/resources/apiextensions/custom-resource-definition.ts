import { customResourceDefinitions, type CustomResourceDefinition } from '../../../shared/api/apiextensions.ts'
import { bumpGeneration, startGeneration } from '../generation.ts'
import { nameColumn } from '../name-column.ts'
import { defineResource, type Resource, type StrategyContext } from '../resource.ts'
import { schemaOf } from '../schemas.ts'
import { keepMetadata } from '../status-metadata.ts'
import { validateDefinition, validateDefinitionUpdate, validateStatus } from './definition-validation.ts'
import { withCondition } from './definition-condition.ts'
import { noRules, type SchemaRules } from './rules.ts'
import { unknownFormats } from './unknown-formats.ts'

/** Deletes the objects of a kind before its definition goes. */
export const cleanupFinalizer = 'customresourcecleanup.apiextensions.k8s.io'

/** The definitions of custom resources (apiextensions-apiserver/pkg/registry/customresourcedefinition). */
export function customResourceDefinitionWith(rules: SchemaRules): Resource<CustomResourceDefinition> {
  return defineResource(customResourceDefinitions, {
    shortNames: ['crd', 'crds'],
    categories: ['api-extensions'],
    schema: () => schemaOf('io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinition'),
    unconditionalUpdate: false,
    anyFinalizer: true,
    setDefaults,
    prepareForCreate(crd, { warn }) {
      delete crd.status
      startGeneration(crd)
      storeVersion(crd)
      unknownFormats(crd).forEach(format => warn(`unrecognized format ${JSON.stringify(format)}`))
    },
    prepareForUpdate(crd, old, { warn }) {
      bumpGeneration(crd, old)
      storeVersion(crd)
      const before = unknownFormats(old)
      const added = unknownFormats(crd).filter(format => !before.includes(format))
      added.forEach(format => warn(`unrecognized format ${JSON.stringify(format)}`))
    },
    prepareForDelete: beginCleanup,
    validate: crd => validateDefinition(crd, rules),
    validateUpdate: (crd, old) => validateDefinitionUpdate(crd, old, rules),
    status: { prepareForUpdate: keepMetadata, validateUpdate: validateStatus },
    columns: [
      nameColumn,
      { name: 'Created At', type: 'date', cell: ({ metadata }) => metadata.creationTimestamp ?? null },
    ],
  })
}

export const customResourceDefinition = customResourceDefinitionWith(noRules)

function setDefaults(crd: { spec?: Partial<CustomResourceDefinition['spec']> }): void {
  const spec = (crd.spec ??= {})
  const names = (spec.names ??= { plural: '', kind: '' })
  // Zero values, as Go has them.
  spec.group ??= ''
  spec.scope ??= ''
  spec.versions ??= []
  if (names.kind) {
    names.singular ||= names.kind.toLowerCase()
    names.listKind ||= `${names.kind}List`
  }
  spec.conversion ??= { strategy: 'None' }
  const service = spec.conversion.webhook?.clientConfig?.service
  if (service) service.port ??= 443
}

/** Remembers that objects are stored in the version that is to be stored. */
function storeVersion(crd: CustomResourceDefinition): void {
  const storage = crd.spec.versions.find(version => version.storage)?.name
  const { storedVersions = [], ...status } = crd.status ?? {}
  if (storage === undefined || storedVersions.includes(storage)) return
  crd.status = { ...status, storedVersions: [...storedVersions, storage] }
}

/** The objects of the kind go first (REST.Delete). */
function beginCleanup(crd: CustomResourceDefinition, { now }: StrategyContext): void {
  const { finalizers = [] } = crd.metadata
  if (!finalizers.includes(cleanupFinalizer)) crd.metadata.finalizers = [...finalizers, cleanupFinalizer]
  crd.status = withCondition(crd.status, now, {
    type: 'Terminating',
    status: 'True',
    reason: 'InstanceDeletionPending',
    message: 'CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon',
  })
}
