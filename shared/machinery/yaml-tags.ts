import type { ScalarTag } from 'yaml'
import { integerOf } from './exact-json.ts'

const boolean = (value: boolean, test: RegExp): ScalarTag => ({
  tag: 'tag:yaml.org,2002:bool',
  default: true,
  test,
  resolve: () => value,
})

/**
 * What a plain scalar is for Kubernetes: the mix of YAML 1.1 and 1.2 of sigs.k8s.io/yaml (goyaml v2, resolve.go). `yes`,
 * `on` and `y` are true; `017`, `0o17` and `0x0f` are 15; digits may have underscores; times and `1:30` are text. To be
 * used with the failsafe schema.
 */
export const goYamlTags: ScalarTag[] = [
  { tag: 'tag:yaml.org,2002:null', default: true, test: /^(?:~|[Nn]ull|NULL)?$/, resolve: () => null },
  boolean(true, /^(?:[Yy]|[Yy]es|YES|[Tt]rue|TRUE|[Oo]n|ON)$/),
  boolean(false, /^(?:[Nn]|[Nn]o|NO|[Ff]alse|FALSE|[Oo]ff|OFF)$/),
  {
    tag: 'tag:yaml.org,2002:int',
    default: true,
    test: /^[-+]?(?:0[bB][01_]*[01][01_]*|0[oO]?[0-7_]*[0-7][0-7_]*|0[xX][\da-fA-F_]*[\da-fA-F][\da-fA-F_]*|[1-9][\d_]*|0_*)$/,
    resolve: integer,
  },
  {
    tag: 'tag:yaml.org,2002:float',
    default: true,
    test: /^[-+]?(?:\._*\d[\d_]*|\d[\d_]*(?:\.[\d_]*)?)(?:[eE][-+]?[\d_]*\d[\d_]*)?$/,
    resolve: text => Number(text.replaceAll('_', '')),
  },
]

function integer(text: string): number | bigint {
  const digits = text.replaceAll('_', '').replace(/^[-+]/, '')
  const value = Number(/^0\d/.test(digits) ? `0o${digits.slice(1)}` : digits)
  if (Number.isSafeInteger(value)) return text.startsWith('-') ? -value : value
  const exact = BigInt(/^0\d/.test(digits) ? `0o${digits.slice(1)}` : digits)
  return integerOf(String(text.startsWith('-') ? -exact : exact))
}
