import { existsSync, readFileSync } from 'node:fs'

/** A table of facts about v1.36, from assets/k8s. */
export function readAsset(name: string): unknown {
  return JSON.parse(readFileSync(placeOf(name), 'utf8'))
}

/** A table that the build makes from what is installed; undefined where the sources run unbuilt. */
export function readBuiltAsset(name: string): unknown {
  return existsSync(placeOf(name)) ? readAsset(name) : undefined
}

const placeOf = (name: string) => new URL(`../../assets/k8s/${name}`, import.meta.url)
