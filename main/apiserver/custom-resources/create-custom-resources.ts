import { customResourceDefinitions } from '../../../shared/api/apiextensions.ts'
import type { Client } from '../../../shared/client/client.ts'
import { customResourceDefinitionWith } from '../../resources/apiextensions/custom-resource-definition.ts'
import { anyKind, type Resource } from '../../resources/resource.ts'
import type { AdmissionPlugin } from '../admission/admission.ts'
import type { WebhookClient } from '../egress/webhook-client.ts'
import type { Core } from '../registry/core.ts'
import type { LiveResourceIndex } from '../registry/resource-index.ts'
import { definitionAdmission } from './definition-admission.ts'
import { followDefinitions, type Definitions } from './definitions.ts'
import { createEstablishing } from './establish.ts'
import { rules } from './load-schemas.ts'

/** The part of the API server that makes kinds of definitions. */
export interface CustomResourceServing extends Disposable {
  readonly admission: AdmissionPlugin
  /** Begins; resolves when all stored definitions are served. */
  start(running: { core: Core; index: LiveResourceIndex; client: Client }): Promise<void>
}

export function createCustomResources(webhooks: Pick<WebhookClient, 'post'>): CustomResourceServing {
  const owned = new DisposableStack()
  let found: Definitions | undefined
  const definitions = () => {
    if (!found) throw new Error('definitions are not followed yet')
    return found
  }
  return {
    admission: definitionAdmission(definitions),
    start({ core, index, client }) {
      const establishing = owned.use(createEstablishing({ core, client, definitions }))
      found = owned.use(
        followDefinitions({ core, index, webhooks, changed: (name, gone) => establishing.changed(name, gone) }),
      )
      return found.ready
    },
    [Symbol.dispose]: () => owned.dispose(),
  }
}

/** The kinds with a definition that checks the rules of schemas. */
export function withRules(resources: readonly Resource[]): readonly Resource[] {
  const { group, resource } = customResourceDefinitions
  const own = anyKind(customResourceDefinitionWith(rules))
  return resources.map(one => (one.ref.group === group && one.ref.resource === resource ? own : one))
}
