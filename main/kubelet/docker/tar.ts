import { pack } from 'tar-stream'
import { buffer } from 'node:stream/consumers'

/** An entry of a tar file. A path that ends in `/` is a directory. */
export interface TarEntry {
  path: string
  data: Uint8Array
  mode: number
  uid?: number
  gid?: number
}

/** A tar file of these entries, owned by root unless they say otherwise, with no times in it: the same entries give the same bytes. */
export async function tarOf(entries: TarEntry[]): Promise<Buffer> {
  const archive = pack()
  for (const { path, data, mode, uid = 0, gid = 0 } of entries) {
    const type = path.endsWith('/') ? 'directory' : 'file'
    archive.entry({ name: path, type, mode, uid, gid, mtime: new Date(0) }, Buffer.from(data))
  }
  archive.finalize()
  return buffer(archive)
}
