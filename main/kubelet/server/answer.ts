/** What the kubelet is asked; paths are as they came, escaped. */
export interface Question {
  method: string
  path: string
  query: URLSearchParams
}

export interface Answer {
  status: number
  contentType: string
  /** Of a redirect. */
  location?: string
  body: Iterable<Uint8Array> | AsyncIterable<Uint8Array>
}

const plain = 'text/plain; charset=utf-8'

export const text = (content: string, status = 200, contentType = plain): Answer => ({
  status,
  contentType,
  body: [Buffer.from(content)],
})

/** In Prometheus' text format. */
export const metrics = (content: string): Answer => text(content, 200, 'text/plain; version=0.0.4; charset=utf-8')

export const json = (value: object): Answer => text(JSON.stringify(value), 200, 'application/json')
