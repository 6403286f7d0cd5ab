import { existsSync, readFileSync } from 'node:fs'

/** A table of facts about v1.36, from assets/k8s. */
export function readAsset(name: string): unknown {
  return read(new URL(`../../assets/k8s/${name}`, import.meta.url))
}

/** A table that the build makes from what is installed; undefined where nothing was built yet. */
export function readBuiltAsset(name: string): unknown {
  const place = new URL(`../../dist/assets/${name}`, import.meta.url)
  return existsSync(place) ? read(place) : undefined
}

const read = (place: URL): unknown => JSON.parse(readFileSync(place, 'utf8'))
