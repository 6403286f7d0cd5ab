import type Docker from 'dockerode'
import { unlessGone } from './engine-errors.ts'
import { jsonLines, readable } from './engine-stream.ts'

interface ImageImport {
  reference: string
  /** A tar of the root file system; asked for only if the engine lacks the image. */
  file: () => NodeJS.ReadableStream | Buffer
  /** Dockerfile instructions, e.g. `ENTRYPOINT ["/pause"]`. */
  changes: string[]
}

/** Makes an image from a tar unless the engine has one of this reference. */
export async function importImage(docker: Docker, { reference, file, changes }: ImageImport): Promise<void> {
  if (await unlessGone(docker.getImage(reference).inspect())) return
  const colon = reference.lastIndexOf(':')
  const answer = await docker.importImage(file() as NodeJS.ReadableStream, {
    repo: reference.slice(0, colon),
    tag: reference.slice(colon + 1),
    changes,
  })
  // The answer is a stream of JSON lines whose end means that the image is there; failures come in it, not as a status.
  for await (const { error } of jsonLines<{ error?: string }>(readable(answer)))
    if (error !== undefined) throw new Error(`cannot import ${reference}: ${error}`)
}
