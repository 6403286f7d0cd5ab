import './styles/base.css'
import { createPinia } from 'pinia'
import { createApp } from 'vue'
import App from './App.vue'
import { i18n } from './i18n/i18n.ts'
import { createLink } from './link.ts'
import { createAppRouter } from './router.ts'
import { createSession, sessionKey } from './session.ts'
import { useSettings } from './stores/settings.ts'
import { openTransport, takeToken } from './transport.ts'

const token = takeToken(window)
const link = createLink({
  open: () => openTransport(token),
  now: Date.now,
  after: (ms, retry) => void setTimeout(retry, ms),
})
const session = createSession(link)
const app = createApp(App).use(createPinia()).use(i18n).use(createAppRouter()).provide(sessionKey, session)

// The choices come before the first paint, so that nothing jumps; without an engine the defaults have to do.
const patience = new Promise(resolve => setTimeout(resolve, 1_500))
const kept = useSettings()
  .persist(session.host)
  .catch(() => undefined)
void Promise.race([kept, patience]).then(() => app.mount('#app'))
