import type { KubeObject } from '../../../shared/api/object.ts'
import {
  clusterRoleBindings,
  clusterRoles,
  rbacGroup,
  roleBindings,
  roles,
  type ClusterRoleBinding,
  type PolicyRule,
  type RoleBinding,
  type RoleRef,
  type Subject,
} from '../../../shared/api/rbac.ts'
import { quote } from '../../../shared/machinery/field-errors.ts'
import type { Entry, Store } from '../../store/store.ts'
import { keyOf } from '../registry/key.ts'
import type { UserInfo } from '../request.ts'

/** A rule that a user has, and what gave it to them. */
interface Granted {
  readonly rule: PolicyRule
  /** `ClusterRoleBinding "view" of ClusterRole "view" to User "jane"` */
  readonly source: () => string
}

/** The roles and bindings of the cluster, ready to be asked for the rights of a user. */
export interface Policy {
  /** The rules that a user has at the cluster's scope and in a namespace ('' for none). What can't be resolved goes to `fault`. */
  grants(user: UserInfo, namespace: string, fault: (text: string) => void): Iterable<Granted>
  /** The rules of a role, or why there are none. */
  rulesOf(roleRef: RoleRef, namespace: string): readonly PolicyRule[] | string
}

type Binding = RoleBinding | ClusterRoleBinding

const prefix = `/${rbacGroup}/`

/**
 * Reads all roles and bindings on first use and follows them from then on: a cluster whose only user is its administrator
 * never needs them. Bindings are found by their subjects, so that a decision costs the same however many there are.
 */
export function createPolicy(store: Store): Disposable & { current(): Policy | Promise<Policy> } {
  let loading: Promise<Policy> | undefined
  let loaded: Policy | undefined
  let watch: Disposable | undefined

  const forget = () => {
    loaded = undefined
    watch?.[Symbol.dispose]()
    watch = undefined
  }
  async function load(): Promise<Policy> {
    const bySubject = createSubjectIndex()
    const { revision, entries } = await store.list(prefix)
    for (const entry of entries) bySubject.put(entry)
    watch = store.watch(prefix, revision, {
      event({ type, entry, before }) {
        if (before) bySubject.remove(before)
        if (type === 'put') bySubject.put(entry)
      },
      closed: forget,
    })
    loaded = policyOf(store, bySubject)
    return loaded
  }
  return {
    current: () => loaded ?? (loading ??= load().finally(() => (loading = undefined))),
    [Symbol.dispose]: forget,
  }
}

interface SubjectIndex {
  put(entry: Entry): void
  remove(entry: Entry): void
  find(namespace: string, subject: string): Iterable<Bound>
}

interface Bound {
  binding: Binding
  subject: Subject
}

function createSubjectIndex(): SubjectIndex {
  const places = new Map<string, Map<string, Bound>>()
  const each = ({ key, object }: Entry, visit: (place: string, name: string, bound: Bound) => void) => {
    const binding = bindingIn(key, object)
    if (!binding) return
    const namespace = binding.metadata.namespace ?? ''
    for (const subject of binding.subjects ?? []) {
      const who = subjectKey(subject, namespace)
      if (who !== undefined) visit(placeOf(namespace, who), key, { binding, subject })
    }
  }
  return {
    put(entry) {
      each(entry, (place, key, bound) => {
        const members = places.get(place) ?? new Map<string, Bound>()
        places.set(place, members)
        // The first subject that applies is the one that is named.
        if (!members.has(key)) members.set(key, bound)
      })
    },
    remove(entry) {
      each(entry, (place, key) => {
        const members = places.get(place)
        members?.delete(key)
        if (members?.size === 0) places.delete(place)
      })
    },
    find: (namespace, subject) => places.get(placeOf(namespace, subject))?.values() ?? [],
  }
}

const placeOf = (namespace: string, subject: string) => `${namespace}/${subject}`
const userKey = (name: string) => `user:${name}`
const groupKey = (name: string) => `group:${name}`

function bindingIn(key: string, object: KubeObject): Binding | undefined {
  const isBinding = [roleBindings, clusterRoleBindings].some(({ resource }) => key.startsWith(`${prefix}${resource}/`))
  return isBinding ? (object as Binding) : undefined
}

/** Whom a subject means; a ServiceAccount without a namespace is of the binding's own. Undefined: nobody. */
function subjectKey({ kind, name, namespace: given }: Subject, own: string): string | undefined {
  if (kind === 'User') return userKey(name)
  if (kind === 'Group') return groupKey(name)
  const namespace = given || own
  return kind === 'ServiceAccount' && namespace !== ''
    ? userKey(`system:serviceaccount:${namespace}:${name}`)
    : undefined
}

function policyOf(store: Store, bySubject: SubjectIndex): Policy {
  const rulesOf: Policy['rulesOf'] = ({ kind, name }, namespace) => {
    const ref = kind === 'ClusterRole' ? clusterRoles : roles
    const found = store.get(keyOf(ref, { namespace, name }))?.object as { rules?: PolicyRule[] } | undefined
    return found ? (found.rules ?? []) : `${kind.toLowerCase()}.${rbacGroup} ${quote(name)} not found`
  }
  return {
    rulesOf,
    *grants(user, namespace, fault) {
      const subjects = [userKey(user.name), ...user.groups.map(groupKey)]
      for (const scope of namespace === '' ? [''] : ['', namespace]) {
        const seen = new Set<Binding>()
        for (const subject of subjects) {
          for (const bound of bySubject.find(scope, subject)) {
            // A user and their groups may be subjects of one binding.
            if (seen.has(bound.binding)) continue
            seen.add(bound.binding)
            const rules = rulesOf(bound.binding.roleRef, scope)
            if (typeof rules === 'string') fault(rules)
            else for (const rule of rules) yield { rule, source: () => describe(bound) }
          }
        }
      }
    },
  }
}

/** Upstream's words (pkg/registry/rbac/validation/rule.go), which put the name of a thing before its namespace. */
function describe({ binding, subject }: Bound): string {
  const { name, namespace } = binding.metadata
  const { roleRef } = binding
  const kind = namespace ? 'RoleBinding' : 'ClusterRoleBinding'
  const isAccount = subject.kind === 'ServiceAccount'
  const subjectName = isAccount ? `${subject.name}/${subject.namespace || (namespace ?? '')}` : subject.name
  const which = quote(namespace ? `${name}/${namespace}` : name)
  return `${kind} ${which} of ${roleRef.kind} ${quote(roleRef.name)} to ${subject.kind} ${quote(subjectName)}`
}
