import { apiVersionOf, pathOf } from '../../../shared/api/ref.ts'
import type { Resource } from '../../resources/resource.ts'
import type { Subresource, Subresources } from '../subresources/subresource.ts'
import type { GroupVersion } from './groups.ts'

/** An operation of the API, in neither version of OpenAPI yet. */
export interface Operation {
  path: string
  method: 'get' | 'post' | 'put' | 'patch' | 'delete'
  /** `x-kubernetes-action` */
  action: string
  kind: { group: string; version: string; kind: string }
  parameters: Parameter[]
  /** The kind in the body; undefined for none. `Patch` and `DeleteOptions` are those of meta/v1. */
  body: 'kind' | 'patch' | 'deleteOptions' | undefined
  /** True for custom resources, which take no strategic merge patches. */
  custom: boolean
  /** What a success answers. */
  answer: 'kind' | 'list' | 'status'
  id: string
}

interface Parameter {
  name: string
  in: 'query' | 'path'
  type: 'string' | 'integer' | 'boolean'
}

const query = (type: Parameter['type'], ...names: string[]): Parameter[] =>
  names.map(name => ({ name, in: 'query', type }))
const listParameters = [
  ...query('string', 'continue', 'fieldSelector', 'labelSelector', 'resourceVersion', 'resourceVersionMatch'),
  ...query('integer', 'limit', 'timeoutSeconds'),
  ...query('boolean', 'allowWatchBookmarks', 'sendInitialEvents', 'watch'),
]
const writeParameters = query('string', 'dryRun', 'fieldManager', 'fieldValidation')
const patchParameters = [...writeParameters, ...query('boolean', 'force')]
const deleteParameters = [
  ...query('string', 'dryRun', 'propagationPolicy'),
  ...query('integer', 'gracePeriodSeconds'),
  ...query('boolean', 'orphanDependents'),
]

interface Shape extends Pick<Operation, 'method' | 'action' | 'parameters' | 'body' | 'answer'> {
  on: 'collection' | 'object'
}

const shapes: Readonly<Record<string, Shape>> = {
  list: {
    on: 'collection',
    method: 'get',
    action: 'list',
    parameters: listParameters,
    body: undefined,
    answer: 'list',
  },
  create: {
    on: 'collection',
    method: 'post',
    action: 'post',
    parameters: writeParameters,
    body: 'kind',
    answer: 'kind',
  },
  deletecollection: {
    on: 'collection',
    method: 'delete',
    action: 'deletecollection',
    parameters: [
      ...listParameters.filter(({ name }) => !['watch', 'allowWatchBookmarks'].includes(name)),
      ...deleteParameters,
    ],
    body: 'deleteOptions',
    answer: 'status',
  },
  get: { on: 'object', method: 'get', action: 'get', parameters: [], body: undefined, answer: 'kind' },
  update: { on: 'object', method: 'put', action: 'put', parameters: writeParameters, body: 'kind', answer: 'kind' },
  patch: { on: 'object', method: 'patch', action: 'patch', parameters: patchParameters, body: 'patch', answer: 'kind' },
  delete: {
    on: 'object',
    method: 'delete',
    action: 'delete',
    parameters: deleteParameters,
    body: 'deleteOptions',
    answer: 'status',
  },
}

/** All operations of a group version. */
export function operationsOf(at: GroupVersion, subresources: Subresources): Operation[] {
  return at.resources.flatMap(resource => [
    ...resourceOperations(resource),
    ...subresources(resource).flatMap(subresource => subresourceOperations(resource, subresource)),
  ])
}

function resourceOperations(resource: Resource): Operation[] {
  const { ref } = resource
  const { group, version, kind } = ref
  const own = resource.verbs.flatMap(verb => {
    const shape = shapes[verb]
    if (!shape) return []
    const path = templateOf(resource, shape.on === 'object' ? { name: true } : {})
    return [
      operation({
        resource,
        shape,
        path,
        kind: { group, version, kind },
        id: `${verb}${ref.namespaced ? 'Namespaced' : ''}${kind}`,
      }),
    ]
  })
  if (!ref.namespaced || !resource.verbs.includes('list') || !shapes.list) return own
  const everywhere = pathOf({ ...ref, namespaced: false })
  return [
    ...own,
    operation({
      resource,
      shape: shapes.list,
      path: everywhere,
      kind: { group, version, kind },
      id: `list${kind}ForAllNamespaces`,
    }),
  ]
}

function subresourceOperations(resource: Resource, { name, kind, verbs, group, version }: Subresource): Operation[] {
  const { ref } = resource
  const path = templateOf(resource, { name: true, subresource: name })
  const own = { group: group ?? ref.group, version: version ?? ref.version, kind }
  return Object.keys(verbs).flatMap(verb => {
    const shape = shapes[verb]
    if (!shape) return []
    const scope = ref.namespaced ? 'Namespaced' : ''
    return [
      operation({
        resource,
        shape,
        path,
        kind: own,
        id: `${verb}${scope}${ref.kind}${name.charAt(0).toUpperCase()}${name.slice(1)}`,
      }),
    ]
  })
}

interface Given {
  resource: Resource
  shape: Shape
  path: string
  kind: Operation['kind']
  id: string
}

function operation({ resource, shape, path, kind, id }: Given): Operation {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map((found): Parameter => ({
    name: found[1] ?? '',
    in: 'path',
    type: 'string',
  }))
  const { method, action, parameters, body, answer } = shape
  const place = apiVersionOf(kind).replace(/[^A-Za-z0-9]+(\w)/g, (_, letter: string) => letter.toUpperCase())
  const custom = resource.structural !== undefined
  return {
    path,
    method,
    action,
    kind,
    parameters: [...inPath, ...parameters],
    body,
    custom,
    answer,
    id: `${place}_${id}`,
  }
}

function templateOf(
  { ref }: Resource,
  { name = false, subresource }: { name?: boolean; subresource?: string },
): string {
  const path = pathOf(ref, {
    namespace: 'NAMESPACE',
    ...(name && { name: 'NAME' }),
    ...(subresource !== undefined && { subresource }),
  })
  return path.replace('NAMESPACE', '{namespace}').replace('NAME', '{name}')
}
