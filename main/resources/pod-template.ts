import type { PodTemplateSpec } from '../../shared/api/core.ts'
import type { StatusCause } from '../../shared/api/object.ts'
import { child, forbidden, invalid, notSupported } from '../../shared/machinery/field-errors.ts'
import { dropDisabledFields } from './core/pod/disabled-fields.ts'
import { setPodSpecDefaults } from './core/pod/pod-defaults.ts'
import { sortedLabels } from './labels.ts'

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

/** A workload would not find the pods of its own template again. */
export function unmatchedLabels(path: string, labels: Record<string, string> | undefined): StatusCause {
  return invalid(child(path, 'metadata', 'labels'), sortedLabels(labels), '`selector` does not match template `labels`')
}

/** Pods that are replaced whenever they end may neither end by themselves nor have a deadline. */
export function validateAlwaysRunning({ spec }: PodTemplateSpec, path: string, kind: string): StatusCause[] {
  const { restartPolicy = '', activeDeadlineSeconds } = spec ?? {}
  const at = (field: string) => child(path, 'spec', field)
  const deadline = `activeDeadlineSeconds in ${kind} is not Supported`
  return [
    ...(restartPolicy === 'Always' ? [] : [notSupported(at('restartPolicy'), restartPolicy, ['Always'])]),
    ...(activeDeadlineSeconds === undefined ? [] : [forbidden(at('activeDeadlineSeconds'), deadline)]),
  ]
}
