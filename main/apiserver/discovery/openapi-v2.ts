import type { Subresources } from '../subresources/subresource.ts'
import type { GroupVersion } from './groups.ts'
import { operationsOf, type Operation } from './openapi-paths.ts'
import {
  definitionName,
  definitionsFor,
  deleteOptions,
  patchDefinition,
  rootsOf,
  statusDefinition,
} from './openapi-schemas.ts'
import { version } from './version.ts'

/** GET /openapi/v2 as JSON: all group versions in one document. */
export function openApiV2(versions: readonly GroupVersion[], subresources: Subresources): unknown {
  const operations = versions.flatMap(at => operationsOf(at, subresources))
  const kinds = operations.map(operation => operation.kind)
  const byPath = Map.groupBy(operations, operation => operation.path)
  return {
    swagger: '2.0',
    info: { title: 'Kubernetes', version: version.gitVersion },
    paths: Object.fromEntries(
      [...byPath].map(([path, own]) => [
        path,
        Object.fromEntries(own.map(operation => [operation.method, operationOf(operation)])),
      ]),
    ),
    definitions: definitionsFor(
      rootsOf(
        versions.flatMap(at => at.resources),
        kinds,
      ),
    ),
  }
}

function operationOf({ action, answer, body, id, kind, parameters }: Operation): unknown {
  const bodyName = body === 'patch' ? patchDefinition : body === 'deleteOptions' ? deleteOptions : definitionName(kind)
  const answerName =
    answer === 'status'
      ? statusDefinition
      : definitionName(answer === 'list' ? { ...kind, kind: `${kind.kind}List` } : kind)
  return {
    operationId: id,
    consumes: ['*/*'],
    produces: ['application/json', 'application/yaml'],
    schemes: ['https'],
    parameters: [
      ...parameters.map(({ name, in: place, type }) => ({
        name,
        in: place,
        type,
        uniqueItems: true,
        ...(place === 'path' && { required: true }),
      })),
      ...(body && bodyName !== undefined ? [{ name: 'body', in: 'body', schema: refTo(bodyName) }] : []),
    ],
    responses: { 200: { description: 'OK', schema: refTo(answerName) } },
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': kind,
  }
}

function refTo(name: string | undefined): unknown {
  return name === undefined ? { type: 'string' } : { $ref: `#/definitions/${name}` }
}
