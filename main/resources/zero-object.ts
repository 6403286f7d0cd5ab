import type { JsonObject } from '../../shared/machinery/json-value.ts'
import type { Schema } from '../../shared/machinery/schema.ts'
import type { Resource } from './resource.ts'

/**
 * Members that are structs in Go and no pointers, though the schema does not require them: they are there in an object
 * that nobody has filled in (k8s.io/api types.go). Only those matter that can be reached from the object by others.
 */
const structs = new Set([
  'daemonEndpoints',
  'deprecatedSource',
  'kubeletEndpoint',
  'loadBalancer',
  'metadata',
  'nodeInfo',
  'regarding',
  'resources',
  'source',
  'spec',
  'status',
  'strategy',
  'template',
  'updateStrategy',
])

/** Pointers that have the name of a struct, or are required: nil in Go. */
const pointers = new Set([
  'v1.DaemonSetSpec.selector',
  'v1.DeploymentSpec.selector',
  'v1.IPAddressSpec.parentRef',
  'v1.PodSpec.resources',
  'v1.PodStatus.resources',
  'v1.ReplicaSetSpec.selector',
  'v1.ReplicationControllerSpec.template',
  'v1.StatefulSetSpec.selector',
])

const made = new WeakMap<Resource, JsonObject>()

/**
 * What a new object is compared with to find the fields that its maker owns: upstream's empty Go value as JSON, in which
 * nested structs are present. A custom resource begins with nothing. Not to be changed.
 */
export function zeroObject(resource: Resource): JsonObject {
  let zero = made.get(resource)
  if (!zero) {
    zero = resource.structural ? {} : zeroStruct(resource.schema())
    made.set(resource, zero)
  }
  return zero
}

function zeroStruct(schema: Schema): JsonObject {
  const zero: JsonObject = {}
  for (const [name, member] of Object.entries(schema.properties ?? {})) {
    const required = schema.required?.includes(name) ?? false
    if (member.properties) {
      const isPointer = pointers.has(`${schema.title ?? ''}.${name}`)
      if (!isPointer && (required || structs.has(name))) zero[name] = zeroStruct(member)
      else if (required) zero[name] = null
    } else if (required) {
      zero[name] = zeroValue(member)
    }
  }
  return zero
}

function zeroValue({ type }: Schema): unknown {
  switch (type) {
    case 'string':
      return ''
    case 'integer':
    case 'number':
      return 0
    case 'boolean':
      return false
    default:
      return null
  }
}
