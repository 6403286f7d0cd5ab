import { expect, it } from 'vitest'
import { aPod } from '../pod/pod.fixture.ts'
import { resourceFieldValue } from './resource-field.ts'

const allocatable = { cpu: '8', memory: '16Gi', 'ephemeral-storage': '100Gi', 'hugepages-2Mi': '1Gi' }
const limit = (resource: string, own: Record<string, string>, ofPod: Record<string, string> = {}) => {
  const pod = aPod({ resources: { limits: ofPod }, containers: [{ name: 'app', resources: { limits: own } }] })
  const [container] = pod.spec.containers
  return resourceFieldValue(pod, { resource: `limits.${resource}` }, { ...(container && { container }), allocatable })
}

it.each([
  ['the container', limit('cpu', { cpu: '2' }, { cpu: '4' }), '2'],
  ['the pod', limit('cpu', {}, { cpu: '4' }), '4'],
  ['the pod, where the container has none', limit('memory', { memory: '0' }, { memory: '1Mi' }), `${2 ** 20}`],
  ['the node', limit('cpu', {}, { memory: '1Mi' }), '8'],
  ['the node, whose storage pods do not limit', limit('ephemeral-storage', {}), `${100 * 2 ** 30}`],
  ['the container alone, of huge pages', limit('hugepages-2Mi', {}, { 'hugepages-2Mi': '4Mi' }), '0'],
  ['the container, of huge pages', limit('hugepages-2Mi', { 'hugepages-2Mi': '2Mi' }), `${2 * 2 ** 20}`],
])('a limit is that of %s', (_, found, wanted) => expect(found).toBe(wanted))
