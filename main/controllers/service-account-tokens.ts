import { secrets, serviceAccounts, type Secret } from '../../shared/api/core.ts'
import type { Controller } from '../../shared/client/controller.ts'
import { each, mapped } from '../../shared/client/watches.ts'
import { unlessGone } from '../../shared/client/unless-gone.ts'
import type { Signer } from './signer.ts'

const type = 'kubernetes.io/service-account-token'
const nameAnnotation = 'kubernetes.io/service-account.name'
const uidAnnotation = 'kubernetes.io/service-account.uid'
const base64 = (text: string) => Buffer.from(text).toString('base64')

interface Options {
  /** PEM. */
  rootCa: string
  signer: Pick<Signer, 'token'>
}

/**
 * Fills Secrets of type kubernetes.io/service-account-token, and removes them with the account that they are for
 * (pkg/controller/serviceaccount/tokens_controller.go).
 */
export function serviceAccountTokenController({ rootCa, signer }: Options): Controller {
  return {
    name: 'tokens-controller',
    watches: [
      each(secrets),
      mapped(serviceAccounts, ({ metadata: { namespace = '', name } }, informers) =>
        informers
          .informer(secrets)
          .list(namespace)
          .filter(secret => accountOf(secret) === name)
          .map(({ metadata }) => ({ namespace, name: metadata.name })),
      ),
    ],

    async reconcile(key, { client, informers }) {
      const secret = informers.informer(secrets).get(key)
      const name = secret && accountOf(secret)
      if (!secret || name === undefined || secret.metadata.deletionTimestamp) return
      const { namespace } = key
      const known = informers.informer(serviceAccounts).get({ namespace, name })
      // The informer may not have seen a new account yet, and a Secret that goes does not come back.
      const account = known ?? (await unlessGone(client.get(serviceAccounts, { namespace, name })))
      const named = secret.metadata.annotations?.[uidAnnotation]
      if (!account || (named && named !== account.metadata.uid)) {
        await unlessGone(client.delete(secrets, key, { preconditions: { uid: secret.metadata.uid } }))
        return
      }
      const { uid } = account.metadata
      const fixed = { 'ca.crt': base64(rootCa), namespace: base64(namespace) }
      const { data = {} } = secret
      const isRight = Object.entries(fixed).every(([field, value]) => data[field] === value) && Boolean(data.token)
      if (isRight && named === uid) return
      const token = data.token || base64(await signer.token({ account: { namespace, name, uid }, secret: key.name }))
      const annotations = { ...secret.metadata.annotations, [uidAnnotation]: uid }
      await client.update(secrets, {
        ...secret,
        metadata: { ...secret.metadata, annotations },
        data: { ...data, ...fixed, token },
      })
    },
  }
}

/** The account that a Secret holds a token for. */
function accountOf(secret: Secret): string | undefined {
  return secret.type === type ? secret.metadata.annotations?.[nameAnnotation] : undefined
}
