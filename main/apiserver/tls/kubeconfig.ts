import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { stringify } from 'yaml'
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

/** Writes a kubeconfig of its own (no other clusters' are merged) with the administrator's credentials, mode 0600. */
export async function writeKubeconfig({ file, server, cluster, authorities }: Kubeconfig): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  await writeSecretly(file, stringify(kubeconfig({ server, cluster, authorities })))
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
