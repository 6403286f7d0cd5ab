import { goDuration } from '../go-duration.ts'
import { shapes, type Shape } from './fields.ts'
import type { KubeletConfiguration } from './kubelet-configuration.ts'

/** What a kubelet runs with, as `/configz` tells it: `own` are fields that come from elsewhere. */
export function configz(configuration: KubeletConfiguration, own: Record<string, unknown>): object {
  const kubeletconfig = {
    kind: 'KubeletConfiguration',
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    ...written(configuration, shapes),
    ...own,
  }
  return { kubeletconfig }
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

function written(fields: object, expected: Record<string, Shape>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]: [string, unknown]) => {
      const shape = expected[name]
      if (shape === 'duration') return [name, goDuration(Number(value))]
      return [name, typeof shape === 'object' && isObject(value) ? written(value, shape) : value]
    }),
  )
}
