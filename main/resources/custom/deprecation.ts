import type { CustomResourceDefinitionSpec, CustomResourceVersion } from '../../../shared/api/apiextensions.ts'
import { compareKubeVersions } from './kube-version.ts'

/** What every answer in a deprecated version warns of: the definition's words, or which version to use instead. */
export function deprecationOf(spec: CustomResourceDefinitionSpec, version: CustomResourceVersion): string | undefined {
  if (!version.deprecated) return undefined
  if (version.deprecationWarning !== undefined) return version.deprecationWarning
  const { group, names, versions } = spec
  const [better] = versions
    .filter(({ name, served, deprecated }) => served && !deprecated && compareKubeVersions(name, version.name) < 0)
    .map(({ name }) => name)
    .sort(compareKubeVersions)
  const text = `${group}/${version.name} ${names.kind} is deprecated`
  return better === undefined ? text : `${text}; use ${group}/${better} ${names.kind}`
}
