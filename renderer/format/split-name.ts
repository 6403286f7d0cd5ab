import type { KubeObject } from '../../shared/api/object.ts'

export interface NameParts {
  head: string
  /** The generated part in the middle, shown weaker; '' if there is none. */
  hash: string
  tail: string
}

/** What generated names are made of (apimachinery/pkg/util/rand: no vowels, no 0, 1 or 3). */
const generated = '[bcdfghjklmnpqrstvwxz2456789]'
const templateHash = new RegExp(`^(.+?)(-${generated}{6,10})(-${generated}{5})$`)

/**
 * Splits `api-7c9f8d6b5c-k4wzn` so that the hash can stand back: the template hash of a pod, which its label tells,
 * or anything that looks like one.
 */
export function splitName({ metadata }: Pick<KubeObject, 'metadata'>): NameParts {
  const { name, labels } = metadata
  const hash = labels?.['pod-template-hash']
  const at = hash ? name.indexOf(`-${hash}`) : -1
  if (hash && at > 0) {
    const end = at + hash.length + 1
    // Of a ReplicaSet the hash is all that tells it from its siblings: it stays strong.
    if (end === name.length) return { head: name, hash: '', tail: '' }
    return { head: name.slice(0, at), hash: name.slice(at, end), tail: name.slice(end) }
  }
  const [, head, middle, tail] = templateHash.exec(name) ?? []
  return head && middle && tail ? { head, hash: middle, tail } : { head: name, hash: '', tail: '' }
}
