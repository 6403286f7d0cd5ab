import type { PodTemplateSpec } from '../../../shared/api/core.ts'
import type { KubeObject, StatusCause } from '../../../shared/api/object.ts'
import { child, forbidden, invalid, notSupported, required } from '../../../shared/machinery/field-errors.ts'
import { matchesRequirements, requirementsOf, type LabelSelector } from '../../../shared/machinery/selectors.ts'
import { dropDisabledFields } from '../core/disabled-fields.ts'
import { setPodSpecDefaults } from '../core/pod-defaults.ts'
import { validatePodTemplate } from '../core/pod-validation.ts'
import { isEmptySelector, validateLabelSelector } from '../labels.ts'
import type { Column } from '../resource.ts'

/** Fills in what a template leaves out; what only pods get stays out. */
export function setTemplateDefaults(template: PodTemplateSpec): void {
  template.metadata ??= {}
  template.spec ??= { containers: [] }
  setPodSpecDefaults(template.spec)
}

/** Drops what is behind feature gates that are off. */
export function dropDisabledTemplateFields({ spec }: PodTemplateSpec): void {
  if (spec) dropDisabledFields(spec)
}

interface Workload {
  selector?: LabelSelector
  template?: PodTemplateSpec
}

/** Faults of the selector and template of pods that always run (pkg/apis/apps/validation ValidatePodTemplateSpecForReplicaSet). */
export function validateSelectorAndTemplate({ selector, template }: Workload): StatusCause[] {
  const malformed = validateLabelSelector(selector, 'spec.selector')
  if (malformed.length > 0) return [...malformed, invalid('spec.selector', selector, 'invalid label selector')]
  return [...validateSelector(selector), ...validateTemplate(template ?? {}, selector)]
}

function validateSelector(selector: LabelSelector | undefined): StatusCause[] {
  const path = 'spec.selector'
  if (!selector) return [required(path)]
  return isEmptySelector(selector) ? [invalid(path, selector, 'empty selector is invalid for deployment')] : []
}

function validateTemplate(template: PodTemplateSpec, selector: LabelSelector | undefined): StatusCause[] {
  const path = 'spec.template'
  const labels = template.metadata?.labels
  const unmatched = !matchesRequirements(requirementsOf(selector), labels)
  const { restartPolicy, activeDeadlineSeconds } = template.spec ?? {}
  return [
    ...(unmatched
      ? [invalid(child(path, 'metadata', 'labels'), labels, '`selector` does not match template `labels`')]
      : []),
    ...validatePodTemplate(template, path),
    ...(restartPolicy === 'Always'
      ? []
      : [notSupported(child(path, 'spec', 'restartPolicy'), restartPolicy ?? '', ['Always'])]),
    ...(activeDeadlineSeconds === undefined
      ? []
      : [
          forbidden(
            child(path, 'spec', 'activeDeadlineSeconds'),
            'activeDeadlineSeconds in ReplicaSet is not Supported',
          ),
        ]),
  ]
}

type Templated = KubeObject & { spec: { template?: PodTemplateSpec } }

const containersOf = ({ spec }: Templated) => spec.template?.spec?.containers ?? []

/** Names and images of a template's containers, for wide tables. */
export const containerColumns: Column<Templated>[] = [
  {
    name: 'Containers',
    type: 'string',
    priority: 1,
    cell: object =>
      containersOf(object)
        .map(({ name }) => name)
        .join(','),
  },
  {
    name: 'Images',
    type: 'string',
    priority: 1,
    cell: object =>
      containersOf(object)
        .map(({ image = '' }) => image)
        .join(','),
  },
]
