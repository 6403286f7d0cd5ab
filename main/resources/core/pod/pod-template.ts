import { podTemplates, type PodTemplate } from '../../../../shared/api/core.ts'
import { jsonEqual } from '../../../../shared/machinery/json-value.ts'
import { containerColumnsOf } from '../../container-columns.ts'
import { startGeneration } from '../../generation.ts'
import { nameColumn } from '../../name-column.ts'
import { dropDisabledTemplateFields, setTemplateDefaults } from '../../pod-template.ts'
import { defineResource } from '../../resource.ts'
import { schemaOf } from '../../schemas.ts'
import { formatLabels } from '../../selector-columns.ts'
import { validatePodTemplate } from './pod-validation.ts'
import { templateWarnings } from '../../warnings/pod.ts'

const validate = ({ template = {} }: PodTemplate) => validatePodTemplate(template, 'template')

export const podTemplate = defineResource(podTemplates, {
  schema: () => schemaOf('io.k8s.api.core.v1.PodTemplate'),
  setDefaults: object => {
    setTemplateDefaults((object.template ??= {}))
  },
  prepareForCreate: object => {
    startGeneration(object)
    dropDisabledTemplateFields(object.template ?? {})
  },
  prepareForUpdate: (object, old) => {
    dropDisabledTemplateFields(object.template ?? {})
    if (!jsonEqual(object.template, old.template)) object.metadata.generation = (old.metadata.generation ?? 0) + 1
  },
  validate,
  warnings: ({ metadata, template = {} }, old) =>
    metadata.generation === old?.metadata.generation ? [] : templateWarnings(template, 'template'),
  validateUpdate: validate,
  columns: [
    nameColumn,
    ...containerColumnsOf<PodTemplate>(({ template }) => template, 0),
    { name: 'Pod Labels', type: 'string', cell: ({ template }) => formatLabels(template?.metadata?.labels) },
  ],
})
