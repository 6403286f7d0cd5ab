import { mediaRanges, notAcceptable } from '../codec/accept.ts'
import { headerOf, json, type RequestContext, type ServerResponse } from '../request.ts'
import type { Subresources } from '../subresources/subresource.ts'
import { answerDocument, type Document } from './documents.ts'
import type { GroupVersion } from './groups.ts'
import { customDefinitions } from './openapi-custom.ts'
import { operationsOf, type Operation } from './openapi-paths.ts'
import {
  definitionName,
  definitionsFor,
  deleteOptions,
  patchDefinition,
  rootsOf,
  statusDefinition,
} from './openapi-schemas.ts'
import { openApiV2Message } from './openapi-v2-message.ts'
import { version } from './version.ts'

const protobuf = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf'
const contentTypes = new Map([
  [json, json],
  ['application/*', json],
  ['*/*', json],
  [protobuf, protobuf],
  // How clients spelt it before that turned out to be no media type, and still do.
  [protobuf.replace('.v1.0+', '@v1.0+'), protobuf],
])
const messages = new WeakMap<Document, Buffer>()

/** GET /openapi/v2, as JSON or as gnostic's message; both have one ETag (kube-openapi/pkg/handler). */
export function answerOpenApiV2(context: RequestContext, document: Document): ServerResponse {
  const accepted = mediaRanges(headerOf(context.request, 'accept') || '*/*')
  const contentType = accepted.map(({ type }) => contentTypes.get(type)).find(type => type !== undefined)
  if (contentType === undefined) throw notAcceptable()
  if (contentType === json) return answerDocument(context, document, json)
  const value = document.body.value
  const chunks = () => {
    const bytes = messages.get(document) ?? openApiV2Message(value())
    messages.set(document, bytes)
    return [bytes]
  }
  return answerDocument(context, { ...document, body: { value, chunks } }, contentType)
}

/** All group versions in one document, as JSON. */
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
      customDefinitions(
        versions.flatMap(at => at.resources),
        'v2',
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
