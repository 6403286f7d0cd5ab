/**
 * The three functions of the Reflect metadata proposal that tsyringe, which @peculiar/x509 is built on, looks for when it
 * is loaded. To be imported before it.
 */
type Metadata = Map<unknown, unknown>

const known = new WeakMap<object, Metadata>()

function defineMetadata(key: unknown, value: unknown, target: object): void {
  known.set(target, (known.get(target) ?? new Map<unknown, unknown>()).set(key, value))
}

function getOwnMetadata(key: unknown, target: object): unknown {
  return known.get(target)?.get(key)
}

function getMetadata(key: unknown, target: object): unknown {
  for (let at: object | null = target; at; at = Object.getPrototypeOf(at) as object | null) {
    const value = getOwnMetadata(key, at)
    if (value !== undefined) return value
  }
  return undefined
}

if (!('getMetadata' in Reflect)) Object.assign(Reflect, { defineMetadata, getOwnMetadata, getMetadata })
