import type { RequestContext, ServerResponse } from '../request.ts'
import type { Flow } from './flow-control.ts'

/** All warnings of one answer together (apiserver/pkg/endpoints/filters/warning.go). */
const warningBudget = 4096

/** Puts on every answer what upstream's filters put there. */
export function decorate(
  context: Pick<RequestContext, 'auditId' | 'warnings'> & { flow: Flow | undefined },
  response: ServerResponse,
): ServerResponse {
  const { headers } = response
  headers['audit-id'] = context.auditId
  headers['cache-control'] ??= 'no-cache, private'
  if (context.flow) {
    headers['x-kubernetes-pf-flowschema-uid'] = context.flow.schema
    headers['x-kubernetes-pf-prioritylevel-uid'] = context.flow.level
  }
  if (context.warnings.length > 0) headers['warning'] = warningHeader(context.warnings)
  return response
}

/** `299 - "text"` for each different text, as long as they fit. */
function warningHeader(warnings: readonly string[]): string {
  let budget = warningBudget
  const values: string[] = []
  for (const text of new Set(warnings)) {
    // Header values are Latin-1 without control characters.
    const clean = text.replace(/[^\x20-\x7e]/g, '?').replace(/["\\]/g, '\\$&')
    budget -= clean.length
    if (budget < 0) break
    values.push(`299 - "${clean}"`)
  }
  return values.join(', ')
}
