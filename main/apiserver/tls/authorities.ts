import { createPrivateKey, generateKeyPair, X509Certificate } from 'node:crypto'
import { mkdir, readFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { writeSecretly } from './write-secretly.ts'
import type { KeyPair } from './issue.ts'

/** Everything that a cluster's trust rests on. */
export interface Authorities {
  /** Signs serving and client certificates. */
  readonly ca: KeyPair
  readonly serving: KeyPair
  /** O=system:masters, CN=kubernetes-admin: what the kubeconfig carries. */
  readonly admin: KeyPair
  /** CN=front-proxy-client, signed by an authority of its own: what the server shows when it speaks for a user (requestheader). */
  readonly frontProxy: { readonly ca: string; readonly client: KeyPair }
  /** Signs service-account tokens: an RSA key, PEM (PKCS #8). */
  readonly serviceAccountKey: string
}

interface Options {
  /** Holds the files, mode 0600; made if need be. */
  directory: string
  /** Names and addresses of the server beside the usual ones. */
  names: readonly string[]
  /** Milliseconds since the epoch. */
  now: number
}

/** The name under which extension API servers take the server's word about users (kubeadm's). */
export const frontProxyName = 'front-proxy-client'

const reissueBefore = 30 * 24 * 60 * 60_000
const usualNames = [
  'localhost',
  'kubernetes',
  'kubernetes.default',
  'kubernetes.default.svc',
  'kubernetes.default.svc.cluster.local',
  '127.0.0.1',
  '::1',
]

/**
 * Reads the cluster's certificates and keys, making what is missing, within 30 days of its end, or no longer signed by
 * the CA; a serving certificate also when it lacks a name. The library that makes them is loaded only then.
 */
export async function openAuthorities(options: Options): Promise<Authorities> {
  const { directory } = options
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const [certificates, serviceAccountKey] = await Promise.all([openCertificates(options), openSigningKey(directory)])
  return { ...certificates, serviceAccountKey }
}

async function openCertificates({ directory, names, now }: Options): Promise<Omit<Authorities, 'serviceAccountKey'>> {
  const wanted = [...new Set([...usualNames, ...names])]
  const issuing = () => import('./issue.ts')
  const ca = await open(directory, 'ca', {
    fits: certificate => !endsSoon(certificate, now),
    make: async () => (await issuing()).issueAuthority('podbay-ca', now),
  })
  const fits = (certificate: X509Certificate) => !endsSoon(certificate, now) && isSignedBy(ca, certificate)
  const serving = await open(directory, 'apiserver', {
    fits: certificate => fits(certificate) && wanted.every(name => covers(certificate, name)),
    make: async () =>
      (await issuing()).issueCertificate({
        subject: { commonName: 'kube-apiserver' },
        usage: 'server',
        names: wanted,
        ca,
        now,
      }),
  })
  const admin = await open(directory, 'admin', {
    fits,
    make: async () =>
      (await issuing()).issueCertificate({
        subject: { commonName: 'kubernetes-admin', organization: 'system:masters' },
        usage: 'client',
        ca,
        now,
      }),
  })
  const proxyCa = await open(directory, 'front-proxy-ca', {
    fits: certificate => !endsSoon(certificate, now),
    make: async () => (await issuing()).issueAuthority('podbay-front-proxy-ca', now),
  })
  const client = await open(directory, 'front-proxy-client', {
    fits: certificate => !endsSoon(certificate, now) && isSignedBy(proxyCa, certificate),
    make: async () =>
      (await issuing()).issueCertificate({
        subject: { commonName: frontProxyName },
        usage: 'client',
        ca: proxyCa,
        now,
      }),
  })
  const frontProxy = { ca: proxyCa.certificate, client }
  return { ca, serving, admin, frontProxy }
}

function isSignedBy(ca: KeyPair, certificate: X509Certificate): boolean {
  const authority = new X509Certificate(ca.certificate)
  return certificate.checkIssued(authority) && certificate.verify(authority.publicKey)
}

interface Maker {
  fits: (certificate: X509Certificate) => boolean
  make: () => Promise<KeyPair>
}

async function open(directory: string, name: string, { fits, make }: Maker): Promise<KeyPair> {
  const files = { certificate: join(directory, `${name}.crt`), key: join(directory, `${name}.key`) }
  const [certificate, key] = await Promise.all([readIfThere(files.certificate), readIfThere(files.key)])
  if (certificate !== undefined && key !== undefined && belongTogether(certificate, key, fits))
    return { certificate, key }
  const made = await make()
  // The key first: a certificate without its key is what a crash in between would leave, and that is made again.
  await writeSecretly(files.key, made.key)
  await writeSecretly(files.certificate, made.certificate)
  return made
}

function belongTogether(certificate: string, key: string, fits: Maker['fits']): boolean {
  try {
    const parsed = new X509Certificate(certificate)
    return parsed.checkPrivateKey(createPrivateKey(key)) && fits(parsed)
  } catch {
    return false
  }
}

/** To find the primes takes a tenth of a second, more or less as chance will have it: not on the event loop's time. */
const generate = promisify(generateKeyPair)

async function openSigningKey(directory: string): Promise<string> {
  const file = join(directory, 'sa.key')
  const kept = await readIfThere(file)
  if (kept !== undefined) return kept
  const { privateKey } = await generate('rsa', { modulusLength: 2048 })
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string
  await writeSecretly(file, pem)
  return pem
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

const endsSoon = (certificate: X509Certificate, now: number) => Date.parse(certificate.validTo) - now < reissueBefore

function covers(certificate: X509Certificate, name: string): boolean {
  return (isIP(name) === 0 ? certificate.checkHost(name) : certificate.checkIP(name)) !== undefined
}
