import { X } from '@lucide/vue'
import { mount } from '@vue/test-utils'
import { describe, expect, it } from 'vitest'
import IconButton from './IconButton.vue'

const attributes = (props: { pressed?: boolean; disabled?: boolean; mouseOnly?: boolean } = {}) =>
  mount(IconButton, { props: { icon: X, label: 'Close', ...props } }).attributes()

describe('IconButton', () => {
  it('says what it does, to readers and in a tooltip', () => {
    expect(attributes()).toMatchObject({ 'aria-label': 'Close', title: 'Close' })
  })
  it('is a switch only if it is on or off', () => {
    expect(attributes()).not.toHaveProperty('aria-pressed')
    expect(attributes({ pressed: false })).toMatchObject({ 'aria-pressed': 'false' })
    expect(attributes({ pressed: true })).toMatchObject({ 'aria-pressed': 'true' })
  })
  it('can be out of the way of keys and readers, but not half', () => {
    expect(attributes()).not.toHaveProperty('tabindex')
    expect(attributes()).not.toHaveProperty('aria-hidden')
    expect(attributes({ mouseOnly: true })).toMatchObject({ 'aria-hidden': 'true', tabindex: '-1' })
  })
  it('does nothing while it is disabled', async () => {
    const button = mount(IconButton, { props: { icon: X, label: 'Close', disabled: true } })
    await button.trigger('click')
    expect(button.emitted('click')).toBeUndefined()
    await button.setProps({ disabled: false })
    await button.trigger('click')
    expect(button.emitted('click')).toHaveLength(1)
  })
})
