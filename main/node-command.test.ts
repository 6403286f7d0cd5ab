import { describe, expect, it } from 'vitest'
import { readNodeCommand, type NodeFlags } from './node-command.ts'

const read = (words: string, flags: NodeFlags = {}) => readNodeCommand(words.split(' '), flags)

describe('podbay node', () => {
  it('says in annotations what a node is to be', () => {
    const flags = {
      simulated: 'true',
      count: '100',
      cpu: '8',
      memory: '32Gi',
      labels: 'zone=a,disk=',
      taints: 'gpu=yes:NoSchedule,old:NoExecute',
      'start-time': '200ms',
      'failure-rate': '0.05',
    }
    expect(read('add', flags)).toEqual({
      verb: 'add',
      runtime: 'simulated',
      name: '',
      prefix: '',
      count: 100,
      labels: { zone: 'a', disk: '' },
      taints: [
        { key: 'gpu', value: 'yes', effect: 'NoSchedule' },
        { key: 'old', effect: 'NoExecute' },
      ],
      annotations: {
        'podbay.io/runtime': 'simulated',
        'podbay.io/capacity': 'cpu=8,memory=32Gi',
        'podbay.io/start-time': '200ms',
        'podbay.io/failure-rate': '0.05',
      },
    })
  })

  it('takes names or a selector', () => {
    expect(read('stop a b')).toEqual({ verb: 'stop', names: ['a', 'b'], selector: '' })
    expect(read('drain', { selector: 'zone=a', timeout: '1m30s' })).toEqual({
      verb: 'drain',
      names: [],
      selector: 'zone=a',
      force: false,
      timeout: 90_000,
    })
  })

  it.each<[string, NodeFlags, string]>([
    ['fly', {}, 'node: "fly" is unknown; must be one of add, list, stop, start, drain, remove'],
    ['list all', {}, 'node list: "all" is too much'],
    ['list', { cpu: '1' }, '--cpu: node list has no such flag'],
    ['add A_B', {}, 'NAME: "A_B" must be a DNS name'],
    ['add a b', {}, 'one NAME at a time'],
    ['add a', { count: '2' }, 'NAME goes without --count'],
    ['add', { 'name-prefix': 'x!' }, '--name-prefix: "x!" must be a DNS name'],
    ['add', { count: '0' }, '--count: "0" must be a number from 1 to 9999'],
    ['add', { cpu: '8x' }, '--cpu: "8x" must be a quantity above 0 such as 8 or 500m'],
    ['add', { memory: '0' }, '--memory: "0" must be a quantity above 0 such as 32Gi'],
    ['add', { labels: 'a' }, '--labels: "a" must be key=value'],
    ['add', { labels: 'a=/' }, '--labels: value "/": a valid label must be'],
    ['add', { taints: 'x:Never' }, '--taints: "x:Never" must be key=value:Effect'],
    ['add', { taints: 'x/y/z:NoExecute' }, '--taints: key "x/y/z": a valid label key'],
    ['add', { 'start-time': '5s' }, '--start-time: only simulated nodes have it'],
    ['add', { simulated: 'true', 'start-time': 'soon' }, '--start-time: "soon" must be a duration such as 200ms'],
    ['add', { simulated: 'true', 'failure-rate': '2' }, '--failure-rate: "2" must be a number from 0 to 1'],
    ['remove', {}, 'node remove: name the nodes, or choose them by --selector'],
    ['remove a', { selector: 'b' }, 'node remove: name the nodes, or choose them by --selector'],
    ['drain a', { timeout: '-1s' }, '--timeout: "-1s" must be a duration'],
  ])('names what is wrong with %s %j', (words, flags, message) => {
    expect(() => read(words, flags)).toThrow(message)
  })
})
