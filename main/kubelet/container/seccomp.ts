import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Container, Pod } from '../../../shared/api/core.ts'
import { isObject } from '../../../shared/machinery/json-value.ts'
import { RuntimeFault, type ContainerSecurity } from '../runtime.ts'

interface Options {
  /** Whether containers that ask for nothing have the engine's filter. */
  byDefault: boolean
  /** The directory of `localhostProfile`s; undefined: the node has none. */
  directory: string | undefined
}

/**
 * How the system calls of a container are filtered: by what it says itself, else by what its pod says (kuberuntime/helpers.go,
 * getSeccompProfile). A profile of the node is read here, since the engine takes its text; containerd's words for one that
 * can't be used come as RuntimeFault `CreateContainerError`.
 */
export async function seccompFilter(
  pod: Pod,
  { securityContext }: Container,
  { byDefault, directory }: Options,
): Promise<ContainerSecurity['seccomp']> {
  const profile = securityContext?.seccompProfile ?? pod.spec.securityContext?.seccompProfile
  if (!profile) return byDefault
  if (profile.type !== 'Localhost') return profile.type !== 'Unconfined'
  return await readProfile(directory, profile.localhostProfile ?? '')
}

async function readProfile(directory: string | undefined, name: string): Promise<string> {
  const path = join(directory ?? '/var/lib/kubelet/seccomp', name)
  const cannotLoad = (why: string) =>
    new RuntimeFault('CreateContainerError', `cannot load seccomp profile "${path}": ${why}`)
  // The API server has seen to it; a profile is text that its pod could learn of, so no file but these is read.
  if (name.split('/').includes('..')) throw cannotLoad("must not contain '..'")
  if (directory === undefined) throw cannotLoad(`open ${path}: no such file or directory`)
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw cannotLoad(reasonOf(error, path))
  })
  try {
    if (isObject(JSON.parse(text))) return text
  } catch (error) {
    throw notDecoded(path, error instanceof Error ? error.message : String(error))
  }
  throw notDecoded(path, 'it is not an object')
}

const notDecoded = (path: string, why: string) =>
  new RuntimeFault('CreateContainerError', `decoding seccomp profile failed "${path}": ${why}`)

/** As Go tells of a file that can't be read. */
function reasonOf(error: unknown, path: string): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'ENOENT') return `open ${path}: no such file or directory`
  if (code === 'EACCES') return `open ${path}: permission denied`
  if (code === 'EISDIR') return `read ${path}: is a directory`
  return error instanceof Error ? error.message : String(error)
}
