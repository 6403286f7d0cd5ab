import { quote } from './agent/quote.ts'

/** The types that a path can be of: the shell's test, and what messages call it. */
const kinds = {
  Directory: ['-d', 'directory'],
  File: ['-f', 'file'],
  Socket: ['-S', 'socket file'],
  CharDevice: ['-c', 'character device'],
  BlockDevice: ['-b', 'block device'],
} as const

/**
 * Lines of a script that make what `...OrCreate` asks for and fail, with upstream's text, unless the path is of the type
 * (pkg/volume/hostpath/host_path.go, checkType). With '' only a missing directory is made, as container runtimes do.
 * What is at `at` is called `path` in messages.
 */
export function hostPathCheck(path: string, type: string, at: string): string[] {
  const word = quote(at)
  const missing = `[ -e ${word} ] || `
  if (type === '' || type === 'DirectoryOrCreate') return [`${missing}mkdir -p ${word}`, ...check(path, type, at)]
  if (type === 'FileOrCreate') return [`${missing}: >${word}`, ...check(path, type, at)]
  return check(path, type, at)
}

function check(path: string, type: string, at: string): string[] {
  const wanted = Object.entries(kinds).find(([name]) => name === type.replace('OrCreate', ''))
  if (!wanted) return []
  const [, [test, kind]] = wanted
  const refusal = quote(`hostPath type check failed: ${path} is not a ${kind}`)
  return [`[ ${test} ${quote(at)} ] || { echo ${refusal}; exit 1; }`]
}
