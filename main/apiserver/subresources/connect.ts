import type { ConnectOptions } from '../admission/admission.ts'
import { writeOf, type ResourceCall } from '../verbs/resource-call.ts'

/**
 * Admits a request that opens a connection (endpoints/handlers/rest.go, ConnectResource): plugins and webhooks see the
 * operation CONNECT with the options as its object. Throws the first refusal.
 */
export async function admitConnect(call: ResourceCall, options: ConnectOptions): Promise<void> {
  const write = writeOf(call, { dryRun: false })
  const { admission } = call.core
  const request = { ...write, operation: 'CONNECT', object: undefined, old: undefined, connect: options } as const
  await admission.mutate(request)
  await admission.validate(request)
}
