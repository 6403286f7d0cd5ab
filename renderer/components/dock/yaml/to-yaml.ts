import { stringify } from 'yaml'
import type { KubeObject } from '../../../../shared/api/object.ts'
import { goYamlTags } from '../../../../shared/machinery/yaml-tags.ts'

/** What of an object is edited: without managedFields, and without its status unless that is wanted. */
export function editable(object: KubeObject, withStatus: boolean): Record<string, unknown> {
  const { metadata, status, ...rest } = structuredClone(object) as KubeObject & { status?: unknown }
  delete metadata.managedFields
  const { apiVersion, kind, ...body } = rest
  return { apiVersion, kind, metadata, ...body, ...(withStatus && status !== undefined && { status }) }
}

/** As kubectl prints it: no wrapping, no anchors, lists under their key; text that Kubernetes would take for more in quotes. */
export function toYaml(value: unknown): string {
  return stringify(value, { lineWidth: 0, aliasDuplicateObjects: false, indentSeq: false, compat: goYamlTags })
}
