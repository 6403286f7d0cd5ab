import { mount } from '@vue/test-utils'
import { describe, expect, it } from 'vitest'
import RichText from '../base/RichText.vue'
import StatusMark from '../base/StatusMark.vue'
import { dataEntries } from './data-entries.ts'

describe('RichText', () => {
  it('shows code between backticks and never any HTML', () => {
    const text = 'Container `<img src=x onerror=alert(1)>` failed'
    const wrapper = mount(RichText, { props: { text } })
    expect(wrapper.find('code').text()).toBe('<img src=x onerror=alert(1)>')
    expect(wrapper.find('img').exists()).toBe(false)
  })
})

describe('StatusMark', () => {
  it('has a name when no word stands beside it, and none when one does', () => {
    expect(mount(StatusMark, { props: { mark: 'err', label: 'Does not work' } }).attributes()).toMatchObject({
      role: 'img',
      'aria-label': 'Does not work',
    })
    expect(mount(StatusMark, { props: { mark: 'err' } }).attributes('aria-hidden')).toBe('true')
  })
  it('has a shape of its own for each state', () => {
    const shapes = (['ok', 'warn', 'err', 'pend', 'unk', 'done'] as const).map(mark =>
      mount(StatusMark, { props: { mark } }).html(),
    )
    expect(new Set(shapes).size).toBe(6)
  })
})

describe('dataEntries', () => {
  const meta = { name: 'x', uid: 'x' }
  it('decodes a Secret and knows what is no text', () => {
    const secret = {
      kind: 'Secret',
      metadata: meta,
      data: { password: btoa('correct horse'), key: btoa('\xff\xfe\x00') },
    }
    expect(dataEntries(secret)).toEqual([
      { key: 'key', text: undefined, size: 3 },
      { key: 'password', text: 'correct horse', size: 13 },
    ])
  })
  it('counts bytes, not characters', () => {
    expect(dataEntries({ kind: 'ConfigMap', metadata: meta, data: { name: '端口' } } as never)).toEqual([
      { key: 'name', text: '端口', size: 6 },
    ])
  })
})
