import { defineStore } from 'pinia'
import type { KubeObject } from '../../shared/api/object.ts'

/** An edit of an object's YAML that was neither applied nor discarded. */
export interface Draft {
  /** What the edit began from: what it is merged with if the object changed meanwhile. */
  base: KubeObject
  /** The text shows the status, too. */
  withStatus: boolean
  text: string
}

const storageKey = 'podbay-drafts'
/** The oldest go first: nobody comes back to the drafts of objects that are gone. */
export const mostDrafts = 20

/**
 * Drafts by the uid of their object, so that the drawer's tabs and a reload of the window lose no text. They end with
 * the window's session. The text of a Secret is kept in memory alone: the browser writes its storage to the disk.
 */
export const useDrafts = defineStore('drafts', () => {
  const drafts = new Map(readDrafts())

  function write(): void {
    const entries = [...drafts].filter(([, { base }]) => base.kind !== 'Secret')
    try {
      sessionStorage.setItem(storageKey, JSON.stringify(entries))
    } catch {
      // There is no room. The drafts outlive a change of tabs, which is what can be done for them.
    }
  }

  function keep(draft: Draft): void {
    const { uid } = draft.base.metadata
    drafts.delete(uid)
    drafts.set(uid, draft)
    for (const oldest of [...drafts.keys()].slice(0, -mostDrafts)) drafts.delete(oldest)
    write()
  }
  function drop(uid: string): void {
    if (drafts.delete(uid)) write()
  }

  return { find: (uid: string) => drafts.get(uid), keep, drop }
})

/** What this window wrote before; nothing if that is damaged or of another version. */
function readDrafts(): [string, Draft][] {
  try {
    const kept: unknown = JSON.parse(sessionStorage.getItem(storageKey) ?? '[]')
    return Array.isArray(kept) ? kept.filter(isEntry) : []
  } catch {
    return []
  }
}

function isEntry(value: unknown): value is [string, Draft] {
  const [uid, draft] = Array.isArray(value) ? (value as [unknown, Partial<Draft> | undefined]) : []
  return typeof draft?.text === 'string' && typeof uid === 'string' && draft.base?.metadata.uid === uid
}
