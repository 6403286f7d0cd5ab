import { expect, test } from 'vitest'
import type { Fix } from '../../shared/machinery/scheduling-decision.ts'
import { whatWouldHelp } from './what-would-help.ts'

const help = (fix?: Fix) =>
  whatWouldHelp({ message: 'in the words of the scheduler', unresolvable: false, ...(fix && { fix }) })

test('amounts are told in the units of their resource', () => {
  const requests = (resource: string, amount: number) => help({ change: 'requests', resource, amount })
  expect(requests('cpu', 1500)).toEqual({ key: 'why.fix.requests', params: { resource: 'cpu', amount: '1.5' } })
  expect(requests('cpu', 400)).toMatchObject({ params: { amount: '400 m' } })
  expect(requests('memory', 3 * 2 ** 30)).toMatchObject({ params: { amount: '3 Gi' } })
  expect(requests('example.com/gpu', 2)).toMatchObject({ params: { amount: '2' } })
  expect(requests('pods', 1)).toEqual({ key: 'why.fix.pods', n: 1 })
})

test('labels and taints are told as they are written for kubectl', () => {
  const requirements = [
    { key: 'disk', operator: 'In', values: ['ssd'] },
    { key: 'zone', operator: 'NotIn', values: ['a', 'b'] },
    { key: 'gpu', operator: 'DoesNotExist' },
    { key: 'cores', operator: 'Gt', values: ['8'] },
  ]
  expect(help({ change: 'nodeLabels', requirements })).toMatchObject({
    params: { labels: 'disk=ssd, zone notin (a,b), !gpu, cores > 8' },
  })
  const taint = { key: 'dedicated', value: 'db', effect: 'NoSchedule' }
  expect(help({ change: 'tolerations', taint })).toMatchObject({ params: { taint: 'dedicated=db:NoSchedule' } })
  expect(help({ change: 'tolerations', taint: { key: 'a', effect: 'NoExecute' } })).toMatchObject({
    params: { taint: 'a:NoExecute' },
  })
})

test('where no change can be named the scheduler speaks', () => {
  expect(help()).toBe('in the words of the scheduler')
})
