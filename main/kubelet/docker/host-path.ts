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
 */
export function hostPathCheck(path: string, type: string): string[] {
  const at = quote(path)
  const missing = `[ -e ${at} ] || `
  if (type === '' || type === 'DirectoryOrCreate') return [`${missing}mkdir -p ${at}`, ...check(path, type)]
  if (type === 'FileOrCreate') return [`${missing}: >${at}`, ...check(path, type)]
  return check(path, type)
}

function check(path: string, type: string): string[] {
  const wanted = Object.entries(kinds).find(([name]) => name === type.replace('OrCreate', ''))
  if (!wanted) return []
  const [, [test, kind]] = wanted
  const refusal = quote(`hostPath type check failed: ${path} is not a ${kind}`)
  return [`[ ${test} ${quote(path)} ] || { echo ${refusal}; exit 1; }`]
}
