import { dyn, parametersOf, withParameters, type Type } from './type.ts'

/** What type parameters stand for while an expression is checked (cel-go, checker/types.go). */
export interface Unifier {
  /** A parameter that is no other one. */
  fresh(): Type
  /** The same type with parameters of its own. */
  instantiate(types: readonly Type[]): Type[]
  /** Whether values of each type can be used where the other is asked for; if so, parameters are bound to make it true. */
  assignable(given: readonly Type[], wanted: readonly Type[]): boolean
  /** The type of elements that have one of the two, or undefined if that is no one type. */
  join(a: Type, b: Type): Type | undefined
  substitute(type: Type): Type
  /** With what is not known left open. */
  resolve(type: Type): Type
}

type Bindings = Map<string, Type>

const isOpen = (type: Type) => type.kind === 'dyn' || type.kind === 'error'

export function createUnifier(): Unifier {
  let bindings: Bindings = new Map()
  let count = 0

  const unifier: Unifier = {
    fresh: () => ({ kind: 'param', name: `_var${count++}` }),
    instantiate(types) {
      const own: Bindings = new Map()
      const renew = (type: Type): Type => {
        if (type.kind !== 'param') return rebuild(type, renew)
        const known = own.get(type.name) ?? unifier.fresh()
        own.set(type.name, known)
        return known
      }
      return types.map(renew)
    },
    assignable(given, wanted) {
      const attempt: Bindings = new Map(bindings)
      const fits = given.length === wanted.length && given.every((type, i) => assign(attempt, type, wanted[i] ?? dyn))
      if (fits) bindings = attempt
      return fits
    },
    join(a, b) {
      if (!unifier.assignable([a], [b])) return undefined
      return isAtLeastAsGeneral(a, b) ? a : b
    },
    substitute: type => substitute(bindings, type, false),
    resolve: type => substitute(bindings, type, true),
  }
  return unifier
}

function rebuild(type: Type, change: (inside: Type) => Type): Type {
  const parameters = parametersOf(type)
  const changed = parameters.map(change)
  // A declared type stays what it is: it knows how large its values may be.
  return changed.every((inside, i) => inside === parameters[i]) ? type : withParameters(type, changed)
}

function substitute(bindings: Bindings, type: Type, open: boolean): Type {
  if (type.kind !== 'param') return rebuild(type, inside => substitute(bindings, inside, open))
  const bound = bindings.get(type.name)
  if (bound) return substitute(bindings, bound, open)
  return open ? dyn : type
}

function assign(bindings: Bindings, given: Type, wanted: Type): boolean {
  if (wanted.kind === 'param')
    return given.kind === 'param' && given.name === wanted.name ? true : bind(bindings, wanted, given)
  if (given.kind === 'param') return bind(bindings, given, wanted)
  if (isOpen(given) || isOpen(wanted)) return true
  if (given.kind === 'null') return wanted.kind === 'null' || isNullable(wanted)
  if (given.kind !== wanted.kind) return false
  if (nameOf(given) !== nameOf(wanted)) return false
  const inside = parametersOf(given)
  const other = parametersOf(wanted)
  return inside.length === other.length && inside.every((type, i) => assign(bindings, type, other[i] ?? dyn))
}

const nameOf = (type: Type) => (type.kind === 'object' || type.kind === 'opaque' ? type.name : '')
const isNullable = (type: Type) => ['object', 'opaque', 'timestamp', 'duration'].includes(type.kind)

function bind(bindings: Bindings, param: Type & { kind: 'param' }, type: Type): boolean {
  const bound = bindings.get(param.name)
  if (bound) {
    if (!assign(bindings, type, bound)) return false
    // The wider of the two stays.
    if (isAtLeastAsGeneral(type, bound) && !refers(bindings, type, param.name)) bindings.set(param.name, type)
    return true
  }
  if (refers(bindings, type, param.name)) return false
  bindings.set(param.name, type)
  return true
}

/** Whether a type contains a parameter: bound to it, it would be endless. */
function refers(bindings: Bindings, type: Type, name: string): boolean {
  if (type.kind === 'param') {
    const bound = bindings.get(type.name)
    return type.name === name || (bound !== undefined && refers(bindings, bound, name))
  }
  return parametersOf(type).some(inside => refers(bindings, inside, name))
}

function isAtLeastAsGeneral(a: Type, b: Type): boolean {
  if (a.kind === 'dyn' || a.kind === 'param') return true
  if (b.kind === 'dyn' || b.kind === 'param' || a.kind !== b.kind || nameOf(a) !== nameOf(b)) return false
  const others = parametersOf(b)
  return parametersOf(a).every((type, i) => isAtLeastAsGeneral(type, others[i] ?? dyn))
}
