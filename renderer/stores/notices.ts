import { defineStore } from 'pinia'
import { ref } from 'vue'
import { errorText } from '../error-text.ts'
import type { Message } from '../i18n/message.ts'
import type { Mark } from '../status/status.ts'

export interface Notice {
  id: number
  mark: Mark
  text: Message | string
  action?: { label: Message; run(): void }
}

/** How long a notice stays; errors stay until they are closed. */
const stay = 6_000
const most = 3

/** What happened because of the user, said at the corner. */
export const useNotices = defineStore('notices', () => {
  const notices = ref<Notice[]>([])
  let lastId = 0

  function close(id: number): void {
    notices.value = notices.value.filter(notice => notice.id !== id)
  }

  function add(notice: Omit<Notice, 'id'>): void {
    const id = ++lastId
    notices.value = [...notices.value, { ...notice, id }].slice(-most)
    if (notice.mark !== 'err') setTimeout(() => close(id), stay)
  }

  /** Runs what the user asked for and says how it went. */
  async function attempt(what: () => Promise<unknown>, done?: Message): Promise<boolean> {
    try {
      await what()
      if (done) add({ mark: 'ok', text: done })
      return true
    } catch (error) {
      add({ mark: 'err', text: errorText(error) })
      return false
    }
  }

  return { notices, add, close, attempt }
})
