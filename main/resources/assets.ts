import { readFileSync } from 'node:fs'

/** A table of facts about v1.36, from assets/k8s. */
export function readAsset(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`../../assets/k8s/${name}`, import.meta.url), 'utf8'))
}
