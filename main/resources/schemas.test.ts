import { describe, expect, it } from 'vitest'
import { schemaOf } from './schemas.ts'

describe('schemaOf', () => {
  it('resolves references', () => {
    const pod = schemaOf('io.k8s.api.core.v1.Pod')
    const containers = pod.properties?.['spec']?.properties?.['containers']
    expect(containers?.items?.properties?.['image']).toMatchObject({ type: 'string' })
    expect(containers?.['x-kubernetes-patch-merge-key']).toBe('name')
  })

  it('resolves each type once', () => {
    expect(schemaOf('io.k8s.api.core.v1.Pod')).toBe(schemaOf('io.k8s.api.core.v1.Pod'))
  })

  it('lets a type contain itself', () => {
    const schema = schemaOf('io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps')
    expect(schema.properties?.['not']).toBe(schema)
    expect(schema.properties?.['allOf']?.items).toBe(schema)
  })

  it('knows the types that JSON writes in their own way', () => {
    const { properties } = schemaOf('io.k8s.api.core.v1.ServicePort')
    expect(properties?.['targetPort']).toMatchObject({ 'x-kubernetes-int-or-string': true })
    expect(schemaOf('io.k8s.apimachinery.pkg.api.resource.Quantity')).toMatchObject({ format: 'quantity' })
  })

  it('refuses what does not exist', () => {
    expect(() => schemaOf('io.k8s.api.core.v1.Nothing')).toThrow('no schema of io.k8s.api.core.v1.Nothing')
  })
})
