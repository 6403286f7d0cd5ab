import { compile } from './compile.ts'
import type { Environment } from './environment.ts'
import { functionsOf, type Functions } from './functions.ts'
import { jsonPatches } from './lib/json-patch.ts'
import { baseFunctions } from './library.ts'
import type { Program } from './plan.ts'
import * as types from './type.ts'
import {
  dyn,
  formatType,
  listType,
  mapType,
  objectType,
  opaqueType,
  string,
  type ObjectType,
  type Type,
} from './type.ts'

/** What an expression about a request may speak of beside object, oldObject, request and namespaceObject. */
export interface AdmissionScope {
  readonly params: boolean
  readonly authorizer: boolean
  /** The names and types of a policy's variables so far. */
  readonly variables?: Readonly<Record<string, Type>>
  /** Whether it may build `Object{...}` and `JSONPatch{...}`. */
  readonly patches?: boolean
}

const strings = listType(string)
const kindType = objectType('kubernetes.GroupVersionKind', { group: string, version: string, kind: string })
const resourceType = objectType('kubernetes.GroupVersionResource', { group: string, version: string, resource: string })
const userType = objectType('kubernetes.UserInfo', {
  username: string,
  uid: string,
  groups: strings,
  extra: mapType(string, strings),
})
const requestType = objectType('kubernetes.AdmissionRequest', {
  kind: kindType,
  resource: resourceType,
  subResource: string,
  requestKind: kindType,
  requestResource: resourceType,
  requestSubResource: string,
  name: string,
  namespace: string,
  operation: string,
  userInfo: userType,
  dryRun: types.bool,
  options: dyn,
})
const conditionType = objectType('kubernetes.NamespaceCondition', {
  status: string,
  type: string,
  lastTransitionTime: types.timestamp,
  message: string,
  reason: string,
})
const namespaceType = objectType('kubernetes.Namespace', {
  metadata: objectType('kubernetes.NamespaceMetadata', {
    name: string,
    generateName: string,
    namespace: string,
    labels: mapType(string, string),
    annotations: mapType(string, string),
    UID: string,
    creationTimestamp: types.timestamp,
    deletionGracePeriodSeconds: types.int,
    deletionTimestamp: types.timestamp,
    generation: types.int,
    resourceVersion: string,
    finalizers: strings,
  }),
  spec: objectType('kubernetes.NamespaceSpec', { finalizers: strings }),
  status: objectType('kubernetes.NamespaceStatus', { conditions: listType(conditionType), phase: string }),
})

/** The environment of expressions about requests (apiserver/pkg/admission/plugin/cel/compile.go). `object` where its type is known. */
export function admissionEnvironment(scope: AdmissionScope, object: Type = dyn): Environment {
  const { params, authorizer, variables, patches } = scope
  return {
    variables: {
      object,
      oldObject: object,
      request: requestType,
      namespaceObject: namespaceType,
      ...(params && { params: dyn }),
      ...(authorizer && {
        authorizer: opaqueType('kubernetes.authorization.Authorizer'),
        'authorizer.requestResource': opaqueType('kubernetes.authorization.ResourceCheck'),
      }),
      ...(variables && { variables: objectType('kubernetes.variables', variables) }),
    },
    functions: patches ? patchFunctions() : baseFunctions(),
    struct: patches ? patchType : undefined,
  }
}

let withPatches: Functions | undefined
const patchFunctions = () => (withPatches ??= new Map([...baseFunctions(), ...functionsOf([jsonPatches])]))

const jsonPatch = objectType('JSONPatch', { op: string, path: string, from: string, value: dyn })

/** `Object` and the types inside of it, whose fields are not told, and `JSONPatch`. */
function patchType(name: string): ObjectType | undefined {
  if (name === 'JSONPatch') return jsonPatch
  if (name !== 'Object' && !name.startsWith('Object.')) return undefined
  return { kind: 'object', name, field: () => dyn }
}

/** A compiled expression, or why it is none. */
export type AdmissionExpression =
  | { readonly program: Program; readonly type: Type; readonly fault?: undefined }
  | { readonly fault: string; readonly program?: undefined }

/** Compiles an expression that must be of one of these types, named as `formatType` does; of any if there are none. */
export function compileExpression(
  source: string,
  environment: Environment,
  wanted: readonly string[] = [],
): AdmissionExpression {
  const compiled = compile(source, environment)
  if (compiled.fault !== undefined) return compiled
  const given = formatType(compiled.type)
  if (wanted.length === 0 || wanted.includes(given)) return compiled
  const one = wanted.length === 1 ? (wanted[0] ?? '') : `one of [${wanted.map(shown).join(' ')}]`
  return { fault: `must evaluate to ${one} but got ${shown(given)}` }
}

const shown = (type: string) => (type === 'null' ? 'null_type' : type)
