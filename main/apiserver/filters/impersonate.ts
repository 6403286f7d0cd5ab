import { isDns1123Label, isDns1123Subdomain } from '../../../shared/machinery/names.ts'
import { StatusError } from '../../../shared/machinery/status.ts'
import type { RequestInfo } from '../request-info.ts'
import type { UserInfo } from '../request.ts'
import { forbiddenRequest, privileged, type Authorizer } from './authorize.ts'

interface Impersonation {
  authorizer: Authorizer
  info: RequestInfo
  /** Who asks. */
  user: UserInfo
  /** Whom they want to be taken for. */
  wanted: UserInfo
}

/**
 * Who a request is from once its Impersonate headers count (apiserver/pkg/endpoints/filters/impersonation): tries the
 * constrained modes of KEP-5284 that fit the wanted user, then the verb `impersonate` as it always was. Rejects with the
 * first refusal.
 */
export async function impersonate(impersonation: Impersonation): Promise<UserInfo> {
  let refusal: StatusError | undefined
  for (const mode of modes) {
    if (!mode.fits(impersonation)) continue
    try {
      return await act(mode, impersonation)
    } catch (error) {
      if (!(error instanceof StatusError)) throw error
      refusal ??= error
    }
  }
  throw refusal ?? new Error('no way of impersonation fits')
}

interface Mode {
  /** '' is the way without constraints. */
  name: string
  fits(impersonation: Impersonation): boolean
}

const modes: readonly Mode[] = [
  {
    name: 'associated-node',
    fits: ({ wanted, user }) => {
      const node = onlyName(wanted) ? nodeIn(wanted.name) : undefined
      const own = user.extra?.['authentication.kubernetes.io/node-name'] ?? []
      return node !== undefined && accountIn(user.name) !== undefined && own.length === 1 && own[0] === node
    },
  },
  { name: 'arbitrary-node', fits: ({ wanted }) => onlyName(wanted) && nodeIn(wanted.name) !== undefined },
  { name: 'serviceaccount', fits: ({ wanted }) => onlyName(wanted) && accountIn(wanted.name) !== undefined },
  { name: 'user-info', fits: ({ wanted: { name } }) => nodeIn(name) === undefined && accountIn(name) === undefined },
  { name: '', fits: () => true },
]

const onlyName = ({ uid, groups, extra }: UserInfo) => !uid && groups.length === 0 && !extra

function nodeIn(name: string): string | undefined {
  const node = name.startsWith('system:node:') ? name.slice('system:node:'.length) : ''
  return node !== '' && isDns1123Subdomain(node).length === 0 ? node : undefined
}

function accountIn(username: string): { namespace: string; name: string } | undefined {
  const [, namespace = '', name = ''] = /^system:serviceaccount:([^:]*):([^:]*)$/.exec(username) ?? []
  const isAccount = isDns1123Label(namespace).length === 0 && isDns1123Subdomain(name).length === 0
  return isAccount ? { namespace, name } : undefined
}

async function act({ name: mode }: Mode, { authorizer, info, user, wanted }: Impersonation): Promise<UserInfo> {
  const check = async (asked: RequestInfo, why?: string): Promise<void> => {
    if (why !== undefined) throw forbiddenRequest(user, asked, why)
    const { allowed, reason } = await authorizer.authorize(user, asked)
    if (!allowed) throw forbiddenRequest(user, asked, reason)
  }
  const constrained = mode !== ''
  if (constrained) await check({ ...info, verb: `impersonate-on:${mode}:${info.verb}` })

  const about = (resource: string, name: string): RequestInfo => ({
    isResource: true,
    path: '',
    verb: constrained ? `impersonate:${mode}` : 'impersonate',
    // Users and groups were of the core group before there were constraints.
    group: constrained || (resource !== 'users' && resource !== 'groups') ? 'authentication.k8s.io' : '',
    version: 'v1',
    namespace: '',
    resource,
    subresource: '',
    name,
    rest: '',
  })
  const { groups: fixedGroups, ...named } = identity(mode, wanted)
  await check({ ...about('users', wanted.name), ...named })
  if (wanted.uid) await check(about('uids', wanted.uid))
  for (const group of wanted.groups) {
    await check(about('groups', group), constrained ? unfitGroup(group) : undefined)
  }
  for (const [key, values] of Object.entries(wanted.extra ?? {})) {
    for (const value of values) await check({ ...about('userextras', value), subresource: key })
  }
  return { ...wanted, groups: completed(wanted.name, wanted.groups.length > 0 ? wanted.groups : fixedGroups) }
}

interface Identity {
  groups: readonly string[]
  resource?: string
  group?: string
  namespace?: string
  name?: string
}

/** What is asked for about the wanted name, and the groups that come with it. */
function identity(mode: string, { name }: UserInfo): Identity {
  const account = accountIn(name)
  if (account) {
    const groups = ['system:serviceaccounts', `system:serviceaccounts:${account.namespace}`]
    return { ...account, resource: 'serviceaccounts', groups, ...(mode === '' && { group: '' }) }
  }
  const node = mode === '' ? undefined : nodeIn(name)
  if (node === undefined) return { groups: [] }
  // What a token's own node is doesn't matter to its right to be it.
  return { resource: 'nodes', name: mode === 'associated-node' ? '*' : node, groups: ['system:nodes'] }
}

/** Groups that only the way without constraints may take on. */
function unfitGroup(group: string): string | undefined {
  if (group === '') return 'impersonating the empty string group is not allowed'
  return group === privileged ? `impersonating the ${privileged} group is not allowed` : undefined
}

function completed(name: string, groups: readonly string[]): readonly string[] {
  const [authenticated, unauthenticated] = ['system:authenticated', 'system:unauthenticated']
  const added = name === 'system:anonymous' ? unauthenticated : authenticated
  return groups.includes(unauthenticated) || groups.includes(added) ? groups : [...groups, added]
}
