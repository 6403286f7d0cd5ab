import { isQualifiedName } from '../../../shared/machinery/names.ts'

const standard = ['orphan', 'foregroundDeletion', 'kubernetes']
const prefer = 'to avoid accidental conflicts with other finalizer writers'

/** What is said about finalizers that belong to nobody (registry/customresource/validator.go). */
export function finalizerWarnings(added: readonly string[]): string[] {
  return added.toSorted().flatMap(finalizer => {
    const subject = `metadata.finalizers: ${JSON.stringify(finalizer)}`
    const wrong = isQualifiedName(finalizer).map(text => `${subject}: ${text}`)
    if (finalizer.includes('/') || standard.includes(finalizer)) return wrong
    const path = finalizer.includes('.') ? ' including a path (/)' : ''
    return [...wrong, `${subject}: prefer a domain-qualified finalizer name${path} ${prefer}`]
  })
}
