import { customResourceDefinitions, isConditionTrue } from '../../../shared/api/apiextensions.ts'
import { forbidden } from '../../../shared/machinery/status.ts'
import { concerns, type AdmissionPlugin } from '../admission/admission.ts'
import { subjectOf } from '../registry/core.ts'
import type { Definitions } from './definitions.ts'
import { loadSchemas } from './load-schemas.ts'

/**
 * Gets ready for the validation of definitions, and refuses new objects of one that is going (forbidCreateAdmission in
 * apiserver/customresource_handler.go).
 */
export function definitionAdmission(definitions: () => Definitions): AdmissionPlugin {
  return {
    name: 'CustomResourceDefinitions',
    async mutate(request) {
      const { operation, resource, name } = request
      const { group, resource: plural } = customResourceDefinitions
      if (concerns(request, group, plural)) await loadSchemas()
      if (operation !== 'CREATE' || !resource.structural) return undefined
      const known = definitions().get(`${resource.ref.resource}.${resource.ref.group}`)
      if (!known || !isConditionTrue(known.crd, 'Terminating')) return undefined
      const why = 'create not allowed while custom resource definition is terminating'
      return forbidden(subjectOf(resource, name), why)
    },
  }
}
