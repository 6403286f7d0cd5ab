import { X509Certificate } from 'node:crypto'
import { mkdir, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { parse, stringify } from 'yaml'
import type { Authorities } from './authorities.ts'
import { writeSecretly } from './write-secretly.ts'

interface Kubeconfig {
  file: string
  /** e.g. `https://127.0.0.1:6443` */
  server: string
  /** The name of cluster, context and user. */
  cluster: string
  authorities: Pick<Authorities, 'ca' | 'admin'>
}

/** The subject of the certificate authority that Podbay makes for each cluster. */
const issuer = 'CN=podbay-ca'

/**
 * Whether a kubeconfig is one that Podbay wrote for the cluster of this name and holds no other: it may be replaced and
 * removed. The name is what tells clusters of one machine apart, so an older one of the same name is the same.
 */
export function holdsOnly(cluster: string, text: string): boolean {
  try {
    const { clusters } = parse(text) as ReturnType<typeof kubeconfig>
    const [only] = clusters
    if (clusters.length !== 1 || only?.name !== cluster) return false
    const ca = Buffer.from(only.cluster['certificate-authority-data'], 'base64')
    return new X509Certificate(ca).subject === issuer
  } catch {
    return false
  }
}

/**
 * Writes a kubeconfig of its own with the administrator's credentials, mode 0600. Nothing is merged: fails with an
 * Error naming the file, which stays as it is, when it holds anything but this cluster.
 */
export async function writeKubeconfig({ file, server, cluster, authorities }: Kubeconfig): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  const before = await readIfThere(file)
  if (before.trim() !== '' && !holdsOnly(cluster, before)) {
    const why = `--kubeconfig: ${file} holds more than cluster ${cluster} and is not overwritten`
    throw new Error(`${why}; name another file (KUBECONFIG takes several)`)
  }
  await writeSecretly(file, stringify(kubeconfig({ server, cluster, authorities })))
}

/** '' if there is none. */
async function readIfThere(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw new Error(`--kubeconfig: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
  }
}

function kubeconfig({ server, cluster, authorities: { ca, admin } }: Omit<Kubeconfig, 'file'>) {
  const base64 = (pem: string) => Buffer.from(pem).toString('base64')
  return {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: cluster, cluster: { server, 'certificate-authority-data': base64(ca.certificate) } }],
    users: [
      {
        name: cluster,
        user: { 'client-certificate-data': base64(admin.certificate), 'client-key-data': base64(admin.key) },
      },
    ],
    contexts: [{ name: cluster, context: { cluster, user: cluster } }],
    'current-context': cluster,
  }
}
