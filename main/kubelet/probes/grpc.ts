import * as http2 from 'node:http2'
import type { Dial } from './dial.ts'
import { dialError } from './http.ts'
import type { ProbeResult } from './probe-result.ts'

interface GrpcTarget {
  ip: string
  port: number
  service: string
  signal: AbortSignal
}

/** HealthCheckResponse.ServingStatus */
const serving = 1
const unimplemented = '12'

/** A gRPC probe: grpc.health.v1.Health/Check in plain HTTP/2 must answer SERVING (pkg/probe/grpc). */
export async function grpcProbe(dial: Dial, { ip, port, service, signal }: GrpcTarget): Promise<ProbeResult> {
  const address = `${ip}:${port}`
  const failed = (output: string): ProbeResult => ({ outcome: 'failure', output })
  try {
    const socket = await dial(ip, port, signal)
    const session = http2.connect(`http://${address}`, { createConnection: () => socket })
    try {
      const { status, grpcStatus } = await check(session, service, signal)
      if (grpcStatus === unimplemented)
        return failed('error: this server does not implement the grpc health protocol (grpc.health.v1.Health)')
      if (grpcStatus !== '0') return failed(`error: health rpc probe failed: rpc error: code = ${grpcStatus}`)
      if (status !== serving)
        return failed(
          `service unhealthy (responded with "${['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN'][status] ?? status}")`,
        )
      return { outcome: 'success', output: '' }
    } finally {
      session.destroy()
      socket.destroy()
    }
  } catch (e) {
    if (signal.aborted)
      return failed(
        `timeout: failed to connect service "${address}" within the probe's timeout: context deadline exceeded`,
      )
    return failed(`error: failed to connect service at "${address}": ${dialError(e)}`)
  }
}

function check(session: http2.ClientHttp2Session, service: string, signal: AbortSignal) {
  return new Promise<{ status: number; grpcStatus: string }>((resolve, reject) => {
    session.on('error', reject)
    const stream = session.request(
      {
        ':method': 'POST',
        ':path': '/grpc.health.v1.Health/Check',
        'content-type': 'application/grpc',
        te: 'trailers',
        'user-agent': 'kube-probe/1.36',
      },
      { signal },
    )
    const chunks: Buffer[] = []
    let grpcStatus = ''
    const note = (headers: http2.IncomingHttpHeaders) => {
      grpcStatus = String(headers['grpc-status'] ?? grpcStatus)
    }
    stream.on('response', note)
    stream.on('trailers', note)
    stream.on('data', (chunk: Buffer) => chunks.push(chunk))
    stream.on('error', reject)
    stream.on('end', () => resolve({ status: statusIn(Buffer.concat(chunks)), grpcStatus }))
    // HealthCheckRequest { string service = 1 } in a gRPC frame: no compression, four bytes of length.
    const name = Buffer.from(service)
    const message = name.length === 0 ? name : Buffer.concat([Buffer.from([0x0a, name.length]), name])
    const frame = Buffer.alloc(5)
    frame.writeUInt32BE(message.length, 1)
    stream.end(Buffer.concat([frame, message]))
  })
}

/** HealthCheckResponse { ServingStatus status = 1 }: the default, 0, is left out on the wire. */
const statusIn = (frame: Buffer) => (frame[5] === 0x08 ? (frame[6] ?? 0) : 0)
