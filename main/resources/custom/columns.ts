import type { CustomResourceColumn } from '../../../shared/api/apiextensions.ts'
import type { KubeObject } from '../../../shared/api/object.ts'
import { ageOf } from '../../../shared/machinery/duration.ts'
import { compileJsonPath, jsonPathText } from '../../../shared/machinery/json-path.ts'
import { nameColumn } from '../name-column.ts'
import type { Column } from '../resource.ts'

const age: CustomResourceColumn = {
  name: 'Age',
  type: 'date',
  jsonPath: '.metadata.creationTimestamp',
  description:
    'CreationTimestamp is a timestamp representing the server time when this object was created. It is not guaranteed to be set in happens-before order across separate operations. Clients may not set this value. It is represented in RFC3339 form and is in UTC.\n\nPopulated by the system. Read-only. Null for lists. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata',
}

/**
 * The columns of a custom resource (registry/customresource/tableconvertor): its name, then those of its definition, or its
 * age. A malformed path ends them.
 */
export function customColumns(columns: readonly CustomResourceColumn[] = []): Column<KubeObject>[] {
  const found: Column<KubeObject>[] = [nameColumn]
  for (const column of columns.length > 0 ? columns : [age]) {
    const own = columnOf(column)
    if (!own) break
    found.push(own)
  }
  return found
}

type Type = Column<KubeObject>['type']

function columnOf({
  name,
  type,
  format,
  description,
  priority,
  jsonPath,
}: CustomResourceColumn): Column<KubeObject> | undefined {
  const path = compileJsonPath(jsonPath)
  return (
    path && {
      name,
      type: type as Type,
      ...(format !== undefined && { format }),
      description: description || `Custom resource definition column (in JSONPath format): ${jsonPath}`,
      ...(priority && { priority: priority as 0 | 1 }),
      cell: (object, now) => {
        const [value] = path(object) ?? []
        return value === undefined ? null : cellOf(type as Type, value, now)
      },
    }
  )
}

function cellOf(type: Type, value: unknown, now: number): string | number | boolean | null {
  switch (type) {
    case 'string':
      return jsonPathText(value)
    case 'integer':
      return typeof value === 'number' ? Math.trunc(value) : null
    case 'number':
      return typeof value === 'number' || typeof value === 'bigint' ? Number(value) : null
    case 'boolean':
      return typeof value === 'boolean' ? value : null
    case 'date':
      if (typeof value !== 'string') return null
      return Number.isNaN(Date.parse(value)) ? '<invalid>' : ageOf(value, now)
  }
}
