import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'vite'

const root = join(import.meta.dirname, '..', '..', '..')

/** A built app as Electron would find it: the real preload, bundled; the engine double; a page of the test's own. */
export async function createAppDirectory(page: Record<string, string>): Promise<AsyncDisposable & { path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'app-'))
  const write = async (file: string, text: string) => {
    await mkdir(join(path, file, '..'), { recursive: true })
    await writeFile(join(path, file), text)
  }
  for (const [file, text] of Object.entries(page)) await write(join('dist', 'renderer', file), text)
  await write('secret.txt', 'secret')
  await write('dist/main/package.json', '{"type":"module"}')
  const engine = join(import.meta.dirname, 'engine.ts')
  await write('dist/main/headless.js', `await import(${JSON.stringify(pathToFileURL(engine).href)})\n`)
  await build({
    configFile: false,
    logLevel: 'error',
    publicDir: false,
    build: {
      outDir: join(path, 'dist', 'main'),
      emptyOutDir: false,
      ssr: true,
      minify: false,
      rollupOptions: {
        input: { preload: join(root, 'main', 'preload.ts') },
        external: ['electron'],
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  })
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) }
}
