import type { CustomResourceSubresources } from '../../../shared/api/apiextensions.ts'
import type { StatusCause } from '../../../shared/api/object.ts'
import { child, invalid, required } from '../../../shared/machinery/field-errors.ts'
import { validateSimplePath } from './names-validation.ts'

/** Whether the paths of `/scale` lead where they must (ValidateCustomResourceDefinitionSubresources). */
export function validateSubresources({ scale }: CustomResourceSubresources, path: string): StatusCause[] {
  if (!scale) return []
  const { specReplicasPath, statusReplicasPath, labelSelectorPath = '' } = scale
  const scalePath = child(path, 'scale')
  const either = 'either .spec or .status'
  return [
    ...replicas(specReplicasPath, child(scalePath, 'specReplicasPath'), '.spec'),
    ...replicas(statusReplicasPath, child(scalePath, 'statusReplicasPath'), '.status'),
    ...(labelSelectorPath === ''
      ? []
      : below(labelSelectorPath, child(scalePath, 'labelSelectorPath'), ['.spec', '.status'], either)),
  ]
}

const replicas = (text: string, path: string, root: string) =>
  text === '' ? [required(path)] : below(text, path, [root], root)

function below(text: string, path: string, roots: readonly string[], name: string): StatusCause[] {
  const faults = validateSimplePath(text, path)
  if (faults.length > 0 || roots.some(root => text.startsWith(`${root}.`))) return faults
  return [invalid(path, text, `should be a json path under ${name}`)]
}
