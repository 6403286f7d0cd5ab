import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    // Two cores: more workers only make the slow tests slower.
    maxWorkers: 2,
    projects: [
      {
        test: {
          name: 'unit',
          include: ['main/**/*.test.ts', 'shared/**/*.test.ts'],
          environment: 'node',
          setupFiles: ['test/helpers/leaks.ts'],
        },
      },
      { plugins: [vue()], test: { name: 'renderer', include: ['renderer/**/*.test.ts'], environment: 'happy-dom' } },
      {
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          environment: 'node',
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'e2e',
          // Browsers, Docker and kubectl on a shared machine: one more try there, and the report names it.
          retry: process.env['CI'] ? 1 : 0,
          include: ['test/e2e/**/*.test.ts'],
          environment: 'node',
          testTimeout: 300_000,
          hookTimeout: 300_000,
          fileParallelism: false,
        },
      },
    ],
  },
})
