import { valueBody, type ServerResponse } from '../request.ts'
import type { createExposition, Sources } from './exposition.ts'

/** Answers GET /metrics in Prometheus' text format. What writes it is loaded when it is first asked for. */
export function answerMetrics(sources: Sources): () => Promise<ServerResponse> {
  let exposition: Promise<ReturnType<typeof createExposition>> | undefined
  return async () => {
    exposition ??= import('./exposition.ts').then(loaded => loaded.createExposition(sources))
    const registry = await exposition
    const text = await registry.metrics()
    return {
      status: 200,
      headers: { 'content-type': registry.contentType },
      body: { ...valueBody(text), chunks: () => [Buffer.from(text)] },
    }
  }
}
