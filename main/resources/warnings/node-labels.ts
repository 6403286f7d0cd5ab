import { isLabelValue } from '../../../shared/machinery/names.ts'

/** Labels of nodes that others have taken the place of (pkg/api/node deprecatedNodeLabels). */
const deprecated = new Map([
  ['beta.kubernetes.io/arch', 'deprecated since v1.14; use "kubernetes.io/arch" instead'],
  ['beta.kubernetes.io/os', 'deprecated since v1.14; use "kubernetes.io/os" instead'],
  ['failure-domain.beta.kubernetes.io/region', 'deprecated since v1.17; use "topology.kubernetes.io/region" instead'],
  ['failure-domain.beta.kubernetes.io/zone', 'deprecated since v1.17; use "topology.kubernetes.io/zone" instead'],
  ['beta.kubernetes.io/instance-type', 'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead'],
  ['app.kubernetes.io/created-by', 'deprecated since v1.9'],
  ['scheduler.alpha.kubernetes.io/preferAvoidPods', 'deprecated since v1.22; use Taints and Tolerations instead'],
  ['node-role.kubernetes.io/master', 'use "node-role.kubernetes.io/control-plane" instead'],
])

/** What is to be said of a label that stands at `path`. */
export function nodeLabelWarnings(label: string, path: string): string[] {
  const why = deprecated.get(label)
  return why === undefined ? [] : [`${path}: ${why}`]
}

/** The same where the path does not say which label it is. */
export function namedLabelWarnings(label: string, path: string): string[] {
  const why = deprecated.get(label)
  return why === undefined ? [] : [`${path}: ${label} is ${why}`]
}

interface Term {
  matchExpressions?: readonly { key: string; values?: readonly string[] }[]
}

/** A term of a node selector (GetWarningsForNodeSelectorTerm); the values of preferred ones are not validated, so they are looked at here. */
export function termWarnings({ matchExpressions = [] }: Term, path: string, checkValues = false): string[] {
  return matchExpressions.flatMap(({ key, values = [] }, i) => {
    const at = `${path}.matchExpressions[${i}]`
    const faults = checkValues
      ? values.flatMap((value, j) => isLabelValue(value).map(why => `${at}.values[${j}]: ${value} is invalid, ${why}`))
      : []
    return [...namedLabelWarnings(key, `${at}.key`), ...faults]
  })
}
