import { createHash } from 'node:crypto'
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'yaml'
import type { Pod } from '../../../shared/api/core.ts'
import { isObject } from '../../../shared/machinery/json-value.ts'
import { apiReference } from './api-reference.ts'

const hashAnnotation = 'kubernetes.io/config.hash'
const seenAnnotation = 'kubernetes.io/config.seen'
const sourceAnnotation = 'kubernetes.io/config.source'
export const mirrorAnnotation = 'kubernetes.io/config.mirror'

/** Why a file is no manifest of a pod; the message names it. */
export class ManifestError extends Error {
  override readonly name = 'ManifestError'
}

/** In bytes (pkg/kubelet/config/common.go, maxConfigLength). */
const maxSize = 10 * 2 ** 20

/** The pods of a directory's files, in the order of their names, and what is wrong with the others. Hidden files are left out. */
export async function readManifests(
  directory: string,
  nodeName: string,
): Promise<{ pods: Pod[]; errors: ManifestError[] }> {
  const names = (await readdir(directory)).filter(name => !name.startsWith('.'))
  const pods: Pod[] = []
  const errors: ManifestError[] = []
  const files = new Map<string, string>()
  for (const file of names.sort().map(name => join(directory, name))) {
    try {
      const pod = staticPod(await contentOf(file), { file, nodeName })
      const name = `${pod.metadata.namespace}/${pod.metadata.name}`
      const other = files.get(name)
      if (other !== undefined) throw new ManifestError(`${name} is the pod of ${other}`)
      files.set(name, file)
      pods.push(pod)
    } catch (error) {
      // It went in the meantime.
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') continue
      const why = error instanceof Error ? error.message : String(error)
      errors.push(new ManifestError(`${file}: ${why}`, { cause: error }))
    }
  }
  return { pods, errors }
}

async function contentOf(file: string): Promise<string> {
  const found = await stat(file)
  if (!found.isFile()) throw new ManifestError('it is not a file')
  if (found.size > maxSize) throw new ManifestError(`it has more than ${maxSize} bytes`)
  return readFile(file, 'utf8')
}

/**
 * The pod of a manifest as its node runs it (pkg/kubelet/config/common.go, applyDefaults): named after the node, bound to
 * it and tolerant of whatever happens to it. Its uid tells its content, so that another content is another pod; one that
 * the manifest gives is ignored.
 */
function staticPod(text: string, { file, nodeName }: { file: string; nodeName: string }): Pod {
  const given: unknown = parse(text)
  if (!isObject(given) || given['kind'] !== 'Pod' || given['apiVersion'] !== 'v1')
    throw new ManifestError('it is not a Pod of v1')
  const { metadata, spec } = given as unknown as Pod
  if (!isObject(metadata) || !metadata.name) throw new ManifestError('name is needed for the pod')
  if (!isObject(spec) || !Array.isArray(spec.containers)) throw new ManifestError('it has no containers')
  const reference = apiReference(given as unknown as Pod)
  if (reference !== undefined) throw new ManifestError(`static pods may not reference ${reference}`)
  const uid = createHash('sha256').update(JSON.stringify(given)).update(`\0${nodeName}\0${file}`).digest('hex')
  const hash = uid.slice(0, 32)
  const { name, namespace = 'default', labels, annotations } = metadata
  const own = { [hashAnnotation]: hash, [sourceAnnotation]: 'file' }
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `${name}-${nodeName.toLowerCase()}`,
      namespace,
      uid: hash,
      resourceVersion: '0',
      ...(labels && { labels }),
      annotations: { ...annotations, ...own },
    },
    spec: {
      ...spec,
      nodeName,
      tolerations: [...(spec.tolerations ?? []), { operator: 'Exists', effect: 'NoExecute' }],
    },
  }
}

/** A pod as the node has it from now on. */
export function firstSeen(pod: Pod, time: string): Pod {
  const annotations = { ...pod.metadata.annotations, [seenAnnotation]: time }
  return { ...pod, metadata: { ...pod.metadata, annotations } }
}

/** The uid under which the node knows a pod: of a mirror that is what its manifest says. */
export const localUid = ({ metadata }: Pod): string => metadata.annotations?.[mirrorAnnotation] ?? metadata.uid

/** Whether a pod is one of a manifest, as its node runs it. */
export const isStatic = ({ metadata }: Pod): boolean => metadata.annotations?.[sourceAnnotation] === 'file'

/** A pod of the API as the node takes it: one that says it were a manifest's is none (pkg/kubelet/config/config.go, merge). */
export function fromApi(pod: Pod): Pod {
  if (!isStatic(pod)) return pod
  const { annotations, ...metadata } = pod.metadata
  return { ...pod, metadata: { ...metadata, annotations: { ...annotations, [sourceAnnotation]: 'api' } } }
}

export const isMirror = ({ metadata }: Pod): boolean => metadata.annotations?.[mirrorAnnotation] !== undefined
