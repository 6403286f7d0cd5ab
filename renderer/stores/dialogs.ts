import { defineStore } from 'pinia'
import { shallowRef } from 'vue'
import type { KubeObject } from '../../shared/api/object.ts'
import type { Kind } from '../live/discovery.ts'

/** Objects of one kind that a dialog is about. */
export interface Subject {
  kind: Kind
  objects: readonly KubeObject[]
}

export type Dialog =
  { type: 'scale' | 'restart' | 'delete'; subject: Subject } | { type: 'create' | 'keys' | 'palette'; text?: string }

/** Which layer is open above everything: one at a time. */
export const useDialogs = defineStore('dialogs', () => {
  const open = shallowRef<Dialog>()
  return { open, show: (dialog: Dialog) => void (open.value = dialog), close: () => void (open.value = undefined) }
})
