import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vite'

/** Builds the page into dist/renderer. Everything is a file of its own, so that the page's CSP can stay at 'self'. */
export default defineConfig({
  root: import.meta.dirname,
  base: './',
  plugins: [vue()],
  define: {
    __VUE_OPTIONS_API__: 'false',
    __VUE_PROD_DEVTOOLS__: 'false',
    __VUE_I18N_FULL_INSTALL__: 'false',
    __VUE_I18N_LEGACY_API__: 'false',
    __INTLIFY_PROD_DEVTOOLS__: 'false',
  },
  build: {
    outDir: '../dist/renderer',
    emptyOutDir: true,
    target: 'es2024',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // Monaco's worker alone is larger than any sensible limit; it is loaded when the editor opens.
    chunkSizeWarningLimit: 6000,
  },
  worker: { format: 'es' },
})
