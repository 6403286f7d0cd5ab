import type { Resource } from '../../resources/resource.ts'
import type { JournalEntry } from '../../store/store.ts'
import { headerOf, type RequestContext } from '../request.ts'
import type { Core, Write } from '../registry/core.ts'
import { groupResourceOf } from '../../../shared/api/ref.ts'
import { invalid } from '../../../shared/machinery/status.ts'
import { notSupported } from '../../../shared/machinery/field-errors.ts'

/** A request for objects of a kind, after all filters. */
export interface ResourceCall {
  readonly core: Core
  readonly context: RequestContext
  readonly resource: Resource
  readonly subresource: string
  readonly namespace: string
  readonly name: string
}

interface Options {
  dryRun?: boolean
  /** See Write. */
  manager?: string
  /** For the journal when it is not the request's own verb. */
  verb?: string
  name?: string
  subresource?: string
}

/** The write that a request stands for. */
export function writeOf(call: ResourceCall, options: Options = {}): Write {
  const { context, resource, namespace } = call
  const { subresource = call.subresource, name = call.name } = options
  return {
    resource,
    subresource,
    namespace,
    name,
    user: context.user,
    ...(options.manager !== undefined && { manager: options.manager }),
    dryRun: options.dryRun ?? isDryRun(context.request.query.getAll('dryRun'), optionKinds[context.info.verb]),
    options: () => optionsIn(context.request.query),
    warn: text => context.warnings.push(text),
    journal: finalName => journalEntry(call, options.verb ?? context.info.verb, finalName),
  }
}

/** What webhooks are told of how a client asked. */
function optionsIn(query: URLSearchParams): Record<string, string> {
  const given = ['fieldManager', 'fieldValidation'].map(name => [name, query.get(name) ?? ''] as const)
  return Object.fromEntries(given.filter(([, value]) => value !== ''))
}

function journalEntry(
  { context, resource, subresource, namespace }: ResourceCall,
  verb: string,
  name: string,
): JournalEntry {
  const plural = groupResourceOf(resource.ref)
  return {
    auditId: context.auditId,
    user: context.user.name,
    agent: userAgentOf(context),
    verb,
    resource: subresource === '' ? plural : `${plural}/${subresource}`,
    namespace,
    name,
    latency: Math.round((performance.now() - context.arrived) * 1000),
  }
}

const agentLimit = 1024

/** Cut where upstream's audit log cuts it (apiserver/pkg/audit/request.go). */
function userAgentOf({ request }: RequestContext): string {
  const agent = headerOf(request, 'user-agent')
  return agent.length > agentLimit ? `${agent.slice(0, agentLimit)}...TRUNCATED` : agent
}

/** The options that a request of each verb has. */
const optionKinds: Partial<Record<string, string>> = { update: 'UpdateOptions', patch: 'PatchOptions' }

/** `dryRun=All` is the only value there is; others are a 422, which names the options' `kind`. */
export function isDryRun(values: readonly string[], kind = 'CreateOptions'): boolean {
  if (values.some(value => value !== 'All')) {
    throw invalid({ group: 'meta.k8s.io', kind, name: '' }, [notSupported('dryRun', values, ['All'])])
  }
  return values.length > 0
}
