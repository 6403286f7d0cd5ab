import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { simulated, useCluster } from '../helpers/cluster.ts'

const definition = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: fleets.sea.example}
spec:
  group: sea.example
  scope: Namespaced
  names: {plural: fleets, kind: Fleet, shortNames: [fl]}
  versions:
    - name: v1
      served: true
      storage: true
      subresources:
        status: {}
        scale: {specReplicasPath: .spec.ships, statusReplicasPath: .status.ships}
      additionalPrinterColumns:
        - {name: Ships, type: integer, jsonPath: .spec.ships}
        - {name: Ready, type: string, jsonPath: '.status.conditions[?(@.type=="Ready")].status'}
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec:
              type: object
              description: What the fleet should be.
              properties: {ships: {type: integer, minimum: 1, default: 2, description: How many ships it has.}}
            status:
              type: object
              properties:
                ships: {type: integer}
                conditions:
                  type: array
                  items: {type: object, properties: {type: {type: string}, status: {type: string}}}
`
const fleet = 'apiVersion: sea.example/v1\nkind: Fleet\nmetadata: {name: north}\nspec: {}\n'

describe('kubectl with custom resources', () => {
  const cluster = useCluster('custom', { flags: simulated })
  const { kubectl } = cluster
  const file = (content: string) => {
    const path = join(cluster.dataDir, 'object.yaml')
    writeFileSync(path, content)
    return path
  }

  beforeAll(async () => {
    await kubectl.ok(['apply', '-f', file(definition)])
    await kubectl.ok(['wait', '--for', 'condition=Established', 'crd/fleets.sea.example'])
  })

  it('explains, applies, scales, patches and shows them in their columns', async () => {
    expect(await kubectl.ok(['explain', 'fleets.spec.ships'])).toContain('How many ships it has.')
    await kubectl.ok(['apply', '-f', file(fleet)])
    await kubectl.ok(['scale', '--replicas', '4', 'fl/north'])
    const status = '{"status":{"conditions":[{"type":"Ready","status":"True"}]}}'
    await kubectl.ok(['patch', 'fleet', 'north', '--subresource', 'status', '--type', 'merge', '-p', status])
    expect(await kubectl.ok(['get', 'fl'])).toMatch(/NAME +SHIPS +READY\s+north +4 +True/)
  })

  it('collects what they own, empties them with their namespace, and forgets them with their definition', async () => {
    await kubectl.ok(['create', 'namespace', 'sea'])
    await kubectl.ok(['-n', 'sea', 'apply', '-f', file(fleet)])
    const uid = await kubectl.ok(['-n', 'sea', 'get', 'fl', 'north', '-o', 'jsonpath={.metadata.uid}'])
    const owner = `{apiVersion: sea.example/v1, kind: Fleet, name: north, uid: ${uid}}`
    const owned = `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: crew, ownerReferences: [${owner}]}\n`
    await kubectl.ok(['-n', 'sea', 'apply', '-f', file(owned)])
    await kubectl.ok(['-n', 'sea', 'delete', 'fl', 'north'])
    await kubectl.ok(['-n', 'sea', 'wait', '--for', 'delete', 'configmap/crew', '--timeout', '30s'])
    await kubectl.ok(['-n', 'sea', 'apply', '-f', file(fleet)])
    await kubectl.ok(['delete', 'namespace', 'sea', '--timeout', '30s'])
    await kubectl.ok(['delete', 'crd', 'fleets.sea.example', '--timeout', '30s'])
    expect(await kubectl.ok(['api-resources', '-o', 'name'])).not.toContain('fleets')
  })
})
