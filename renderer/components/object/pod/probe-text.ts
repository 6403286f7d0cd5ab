import type { Probe } from '../../../../shared/api/core.ts'

/** What a probe asks, in a line: `GET :8080/healthz`, `tcp :5432`, `grpc :9000 ready`, or its command. */
export function probeText({ exec, httpGet, tcpSocket, grpc }: Probe): string {
  if (httpGet) {
    const scheme = httpGet.scheme === 'HTTPS' ? 'https' : ''
    return `GET ${scheme}${scheme && '://'}${httpGet.host ?? ''}:${httpGet.port}${httpGet.path ?? '/'}`
  }
  if (tcpSocket) return `tcp ${tcpSocket.host ?? ''}:${tcpSocket.port}`
  if (grpc) return ['grpc', `:${grpc.port}`, grpc.service].filter(Boolean).join(' ')
  return exec?.command?.join(' ') ?? ''
}
