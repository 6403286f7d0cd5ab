/**
 * A field of a message: `present` marks the optional ones whose zero is a value (a pointer in Go, or JSON without
 * omitempty); the zero of the other optional ones stands for nothing, as Go always writes them.
 */
export type MessageField = [
  number: number,
  name: string,
  type: string,
  label: 'optional' | 'present' | 'repeated' | 'map',
]

/** The fact table assets/k8s/protobuf.json: fields by full message name (`k8s.io.api.core.v1.Pod`). */
export type Messages = Readonly<Record<string, readonly MessageField[]>>

/** `k8s\0`, before every object in protobuf (apimachinery/pkg/runtime/serializer/protobuf). */
export const envelopePrefix = [0x6b, 0x38, 0x73, 0x00]

interface Typed {
  apiVersion: string
  kind: string
  messages: Messages
}

/**
 * The message of a type; undefined if it has none. The Go package of a group is its first label; DeleteOptions and its
 * like are in every group.
 */
export function messageName({ apiVersion, kind, messages }: Typed): string | undefined {
  const [version = '', group = ''] = apiVersion.split('/').reverse()
  // Custom resources have no messages, whatever their groups begin with.
  if (group.includes('.') && !group.endsWith('.k8s.io')) return undefined
  const label = group === 'internal.apiserver.k8s.io' ? 'apiserverinternal' : (group.split('.')[0] ?? '') || 'core'
  const packages = [
    `k8s.io.api.${label}.${version}`,
    `k8s.io.${label}_apiserver.pkg.apis.${label}.${version}`,
    `k8s.io.kube_aggregator.pkg.apis.${label}.${version}`,
    'k8s.io.apimachinery.pkg.apis.meta.v1',
  ]
  return packages.map(name => `${name}.${kind}`).find(name => Object.hasOwn(messages, name))
}

/** Structs that Go embeds: a message of their own in protobuf, part of their parent in JSON. */
const inlined = new Set([
  'deviceConfiguration',
  'ephemeralContainerCommon',
  'handler',
  'ingressRuleValue',
  'localObjectReference',
  'persistentVolumeSource',
  'rule',
  'ruleWithOperations',
  'volumeSource',
])

export const isInlined = (name: string, type: string) => inlined.has(name) && type !== 'string'

/** Where the generated name of a field differs from its JSON tag. */
export function jsonName(message: string, name: string): string {
  if (name.startsWith('xKubernetes')) return name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)
  if (message.endsWith('.JSONSchemaProps') && (name === 'schema' || name === 'ref')) return `$${name}`
  return renamed[name] ?? name.charAt(0).toLowerCase() + name.slice(1)
}

const renamed: Record<string, string> = { uID: 'uid', aPIGroup: 'apiGroup', jSONSchemas: 'jsonSchemas' }

/** A message inside of another: its package is its own or the other's. */
export function innerName(outer: string, type: string, messages: Messages): string {
  const samePackage = `${outer.slice(0, outer.lastIndexOf('.'))}.${type}`
  return Object.hasOwn(messages, samePackage) ? samePackage : type
}

/** The type of the values of a `map<string,T>`. */
export const valueTypeOf = (type: string) => type.slice('map<string,'.length, -1).replace(/^\./, '')
