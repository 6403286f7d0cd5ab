import type {
  CustomResourceColumn,
  CustomResourceDefinitionSpec,
  CustomResourceSubresources,
  CustomResourceVersion,
  SelectableField,
} from '../../../shared/api/apiextensions.ts'
import { child, index } from '../../../shared/machinery/field-errors.ts'
import { jsonEqual } from '../../../shared/machinery/json-value.ts'

/** Something that a version has, and the path that upstream's messages give it. */
interface Placed<T> {
  /** The version's name; '' for what all versions have in common. */
  readonly version: string
  readonly path: string
  readonly value: T
}

/** What validation looks at, each once. */
export interface Hoisted {
  readonly schemas: readonly Placed<object | undefined>[]
  readonly subresources: readonly Placed<CustomResourceSubresources>[]
  readonly columns: readonly Placed<readonly CustomResourceColumn[]>[]
  readonly selectableFields: readonly Placed<readonly SelectableField[]>[]
}

/**
 * What is the same in all versions stands in `spec` itself in upstream's internal form, and its messages say so:
 * `spec.validation.openAPIV3Schema` for the schema of the only version (apis/apiextensions/v1/conversion.go).
 */
export function hoisted({ versions }: CustomResourceDefinitionSpec): Hoisted {
  return {
    schemas: placed(versions, { of: version => version.schema, common: 'validation', own: 'schema' }).map(at => ({
      ...at,
      value: at.value.openAPIV3Schema,
    })),
    subresources: placed(versions, { of: version => version.subresources, common: 'subresources' }),
    columns: placed(versions, { of: version => version.additionalPrinterColumns, common: 'additionalPrinterColumns' }),
    selectableFields: placed(versions, { of: version => version.selectableFields, common: 'selectableFields' }),
  }
}

function placed<T>(
  versions: readonly CustomResourceVersion[],
  { of, common, own = common }: { of: (version: CustomResourceVersion) => T | undefined; common: string; own?: string },
): Placed<T>[] {
  const [first, ...others] = versions
  if (!first) return []
  const shared = of(first)
  if (others.every(other => jsonEqual(of(other), shared))) {
    return shared === undefined ? [] : [{ version: '', path: child('spec', common), value: shared }]
  }
  return versions.flatMap((version, i) => {
    const value = of(version)
    return value === undefined ? [] : [{ version: version.name, path: child(index('spec.versions', i), own), value }]
  })
}
