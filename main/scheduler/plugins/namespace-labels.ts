import type { Cluster } from '../plugin.ts'

/** The labels of namespaces by name. */
export const namespaceLabels =
  ({ listers }: Cluster) =>
  (name: string) =>
    listers.namespaces.get({ namespace: '', name })?.metadata.labels
