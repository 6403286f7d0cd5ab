// Builds dist/: the window (dist/renderer), the engine and its store worker (dist/main/*.js), the Electron shell.
// `--check` exits 0 if dist/ is newer than every source, else 1, and builds nothing.
import { cpSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createHash } from 'node:crypto'
import { descriptionsOf } from './descriptions.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const stamp = join(root, 'dist', '.built')

const sources = ['main', 'shared', 'renderer', 'assets', '.ci/build.mjs', '.ci/descriptions.mjs', 'package-lock.json']

function* files(path) {
  if (!statSync(path).isDirectory()) yield path
  else for (const name of readdirSync(path).sort()) yield* files(join(path, name))
}

function fingerprint() {
  const hash = createHash('sha256')
  for (const source of sources) {
    for (const file of files(join(root, source))) {
      if (/\.(test|cases)\.ts$/.test(file)) continue
      const { mtimeMs, size } = statSync(file)
      hash.update(`${file} ${mtimeMs} ${size}\n`)
    }
  }
  return hash.digest('hex')
}

const wanted = fingerprint()
if (process.argv.includes('--check')) process.exit(existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted ? 0 : 1)

const { build } = await import('vite')
process.env.NODE_ENV = 'production'
await build({ configFile: join(root, 'renderer', 'vite.config.ts'), logLevel: 'warn' })

const outDir = join(root, 'dist', 'main')
const builtins = [...builtinModules, ...builtinModules.map(name => `node:${name}`)].filter(name => name !== 'node:http')
/** Native code and what loads it can't be bundled; Electron brings itself. */
const external = [...builtins, 'electron', 'better-sqlite3', 'dockerode']
/**
 * `import from 'node:http'` reads all its exports, and one of them loads Node's fetch (about 60 ms of every start);
 * taking them from the module object does not.
 */
const withoutFetch = {
  name: 'http-without-fetch',
  enforce: 'pre',
  resolveId: id => (id === 'node:http' ? '\0node-http' : undefined),
  load: id =>
    id === '\0node-http'
      ? `const http = process.getBuiltinModule('node:http')
         export const { Agent, createServer, request, Server, ServerResponse, IncomingMessage, STATUS_CODES } = http
         export default http`
      : undefined,
}
const entries = (input, format, emptyOutDir) =>
  build({
    configFile: false,
    logLevel: 'warn',
    publicDir: false,
    plugins: [withoutFetch],
    ssr: { noExternal: true, external: ['electron', 'better-sqlite3', 'dockerode'] },
    build: {
      outDir,
      emptyOutDir,
      ssr: true,
      target: 'node24',
      minify: false,
      sourcemap: true,
      rollupOptions: {
        input,
        external,
        output: {
          format,
          entryFileNames: format === 'cjs' ? '[name].cjs' : '[name].js',
          chunkFileNames: '[name]-[hash].js',
        },
      },
    },
  })
const main = name => join(root, 'main', name)
await entries(
  { headless: main('headless.ts'), index: main('index.ts'), committer: main('store/committer.ts') },
  'es',
  true,
)
await entries({ preload: main('preload.ts') }, 'cjs', false)
const definitions = JSON.parse(readFileSync(join(root, 'assets', 'k8s', 'schemas.json'), 'utf8'))
cpSync(join(root, 'assets'), join(root, 'dist', 'assets'), { recursive: true })
writeFileSync(join(root, 'dist', 'assets', 'descriptions.json'), JSON.stringify(descriptionsOf(definitions)))
writeFileSync(stamp, wanted)
