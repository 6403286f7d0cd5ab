import type { CustomResourceDefinition, CustomResourceVersion } from '../../../shared/api/apiextensions.ts'
import type { KubeObject } from '../../../shared/api/object.ts'
import { apiVersionOf, type ResourceRef } from '../../../shared/api/ref.ts'
import { compileJsonPath, jsonPathText } from '../../../shared/machinery/json-path.ts'
import { jsonEqual } from '../../../shared/machinery/json-value.ts'
import type { Schema } from '../../../shared/machinery/schema.ts'
import type { SchemaRules } from '../apiextensions/rules.ts'
import { startGeneration } from '../generation.ts'
import { defineResource, type Resource, type Verb } from '../resource.ts'
import { schemaOf } from '../schemas.ts'
import { customColumns } from './columns.ts'
import { deprecationOf } from './deprecation.ts'
import { finalizerWarnings } from './finalizer-warnings.ts'
import { compareKubeVersions } from './kube-version.ts'
import { stepsOf } from './scale-validation.ts'
import { storedForm, type Convert } from './stored-form.ts'
import { customValidation } from './validate-custom.ts'
import { versionForm } from './version-form.ts'

/** The kinds that a definition makes. */
export interface CustomResources {
  /** One for each served version, the best first. */
  readonly served: readonly Resource[]
  /** The version that is stored, served or not. */
  readonly storage: Resource
}

interface Options {
  rules: SchemaRules
  convert: Convert
}

/** In upstream's order. */
const verbs: readonly Verb[] = ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch']

/**
 * The resources of a definition whose names are accepted (apiserver/customresource_handler.go). Patterns must be loaded
 * (`loadPatterns`).
 */
export function customResources(crd: CustomResourceDefinition, options: Options): CustomResources {
  const versions = crd.spec.versions.toSorted((a, b) => compareKubeVersions(a.name, b.name))
  const { group } = crd.spec
  const forms = new Map(
    versions.map(version => [apiVersionOf({ group, version: version.name }), versionForm(schemaOfVersion(version))]),
  )
  const made = versions.map(version => [version, customResource(crd, version, { ...options, forms })] as const)
  const storage = made.find(([version]) => version.storage)
  if (!storage) throw new Error(`${crd.metadata.name} has no storage version`)
  return { served: made.filter(([version]) => version.served).map(([, resource]) => resource), storage: storage[1] }
}

const schemaOfVersion = ({ schema }: CustomResourceVersion): Schema => schema?.openAPIV3Schema ?? { type: 'object' }

function customResource(
  crd: CustomResourceDefinition,
  version: CustomResourceVersion,
  { rules, convert, forms }: Options & { forms: ReadonlyMap<string, ReturnType<typeof versionForm>> },
): Resource {
  const { names, own, storage } = placesOf(crd, version)
  const schema = schemaOfVersion(version)
  const form = forms.get(apiVersionOf(own)) ?? versionForm(schema)
  const { scale, status } = version.subresources ?? {}
  const { validate, validateUpdate, validateStatus } = customValidation(schema, { scale, rules })
  const deprecation = deprecationOf(crd.spec, version)
  let complete: Schema | undefined
  return defineResource(own, {
    stored: storedForm({ own, storage, forms, convert }),
    singularName: names.singular ?? own.kind.toLowerCase(),
    listKind: names.listKind ?? `${own.kind}List`,
    shortNames: names.shortNames ?? [],
    categories: names.categories ?? [],
    verbs,
    ...(deprecation !== undefined && { deprecation }),
    schema: () => (complete ??= withMetadata({ ...schema, 'x-kubernetes-embedded-resource': true })),
    published: schema,
    structural: form,
    anyFinalizer: true,
    unconditionalUpdate: false,
    setDefaults: form.setDefaults,
    prepareForCreate(object, { warn }) {
      if (status) delete (object as KubeObject & { status?: unknown }).status
      startGeneration(object)
      finalizerWarnings(object.metadata.finalizers ?? []).forEach(warn)
    },
    prepareForUpdate(object, old, { warn }) {
      if (!sameBesideMetadata(object, old)) object.metadata.generation = (old.metadata.generation ?? 0) + 1
      const before = old.metadata.finalizers ?? []
      finalizerWarnings((object.metadata.finalizers ?? []).filter(one => !before.includes(one))).forEach(warn)
    },
    validate,
    validateUpdate,
    ...(status && { status: { prepareForUpdate: keepAllMetadata, validateUpdate: validateStatus } }),
    ...(scale && {
      scale: {
        specReplicas: stepsOf(scale.specReplicasPath),
        statusReplicas: stepsOf(scale.statusReplicasPath),
        selector: stepsOf(scale.labelSelectorPath ?? ''),
      },
    }),
    fields: selectableFields(version),
    columns: customColumns(version.additionalPrinterColumns),
  })
}

function placesOf({ spec, status }: CustomResourceDefinition, version: CustomResourceVersion) {
  const names = status?.acceptedNames?.plural ? status.acceptedNames : spec.names
  const place = (name: string): ResourceRef => ({
    group: spec.group,
    version: name,
    resource: names.plural,
    kind: names.kind,
    namespaced: spec.scope === 'Namespaced',
  })
  const stored = spec.versions.find(({ storage }) => storage)?.name ?? version.name
  return { names, own: place(version.name), storage: place(stored) }
}

function sameBesideMetadata(
  { metadata: _new, ...object }: KubeObject,
  { metadata: _old, ...old }: KubeObject,
): boolean {
  return jsonEqual(object, old)
}

/** A write to `/status` changes nothing of the metadata but who manages what. */
function keepAllMetadata(object: KubeObject, old: KubeObject): void {
  const { managedFields } = object.metadata
  const { managedFields: _before, ...metadata } = old.metadata
  object.metadata = { ...metadata, ...(managedFields && { managedFields }) }
}

/** By the path without its first dot; what is not there is empty text. */
function selectableFields({ selectableFields: fields = [] }: CustomResourceVersion): NonNullable<Resource['fields']> {
  return Object.fromEntries(
    fields.map(({ jsonPath }) => {
      const path = compileJsonPath(jsonPath)
      const read = (object: KubeObject) => {
        const [value] = path?.(object) ?? []
        return value === undefined || value === null ? '' : jsonPathText(value)
      }
      return [jsonPath.replace(/^\./, ''), read]
    }),
  )
}

/** The schema with what every object has, embedded ones too. */
function withMetadata(schema: Schema): Schema {
  const { properties, items, additionalProperties } = schema
  const own: Schema = { ...schema }
  if (properties) {
    const entries = Object.entries(properties)
    own.properties = Object.fromEntries(entries.map(([name, property]) => [name, withMetadata(property)]))
  }
  if (items) own.items = withMetadata(items)
  if (typeof additionalProperties === 'object') own.additionalProperties = withMetadata(additionalProperties)
  if (!schema['x-kubernetes-embedded-resource']) return own
  return { ...own, properties: { ...own.properties, apiVersion: text, kind: text, metadata: metadataSchema() } }
}

const text: Schema = { type: 'string' }
let closed: Schema | undefined

/** Metadata have no unknown fields even where those around them are kept. */
function metadataSchema(): Schema {
  const metadata = schemaOf('io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta')
  return (closed ??= { ...metadata, 'x-kubernetes-preserve-unknown-fields': false })
}
