import { onScopeDispose, readonly, ref, type Ref } from 'vue'

/** One clock for everything that counts: it ticks only while someone looks, once a second or every ten. */
function createTicker(every: number) {
  const now = ref(Date.now())
  let users = 0
  let timer: ReturnType<typeof setInterval> | undefined

  function update(): void {
    clearInterval(timer)
    timer = undefined
    if (users === 0 || document.hidden) return
    now.value = Date.now()
    timer = setInterval(() => (now.value = Date.now()), every)
  }
  document.addEventListener('visibilitychange', update)

  return (): Readonly<Ref<number>> => {
    users++
    if (users === 1) update()
    onScopeDispose(() => {
      users--
      if (users === 0) update()
    })
    return readonly(now)
  }
}

/** Milliseconds since the epoch, by the second: for ages. */
export const useNow = createTicker(1_000)

/** The same every ten seconds: for states that depend on time. */
export const useSlowNow = createTicker(10_000)
