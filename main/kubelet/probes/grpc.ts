import * as http2 from 'node:http2'
import { goDuration } from '../go-duration.ts'
import type { Dial } from './dial.ts'
import { dialError } from './http.ts'
import type { ProbeResult } from './probe-result.ts'

interface GrpcTarget {
  ip: string
  port: number
  service: string
  timeoutSeconds: number
  signal: AbortSignal
}

/** HealthCheckResponse.ServingStatus */
const serving = 1
const unimplemented = '12'
const deadlineExceeded = '4'
/** google.golang.org/grpc/codes, by number. */
const codes =
  'OK Canceled Unknown InvalidArgument DeadlineExceeded NotFound AlreadyExists PermissionDenied ResourceExhausted FailedPrecondition Aborted OutOfRange Unimplemented Internal Unavailable DataLoss Unauthenticated'.split(
    ' ',
  )

/** A gRPC probe: grpc.health.v1.Health/Check in plain HTTP/2 must answer SERVING (pkg/probe/grpc). */
export async function grpcProbe(
  dial: Dial,
  { ip, port, service, timeoutSeconds, signal }: GrpcTarget,
): Promise<ProbeResult> {
  const address = `${ip}:${port}`
  const timeout = goDuration(timeoutSeconds * 1000)
  const failed = (output: string): ProbeResult => ({ outcome: 'failure', output })
  const seen = { connected: false }
  try {
    const socket = await dial(ip, port, signal)
    const session = http2.connect(`http://${address}`, { createConnection: () => socket })
    session.once('remoteSettings', () => (seen.connected = true))
    try {
      const { status, grpcStatus, message } = await check(session, service, signal)
      if (grpcStatus === unimplemented)
        return failed(
          `error: this server does not implement the grpc health protocol (grpc.health.v1.Health): ${message}`,
        )
      if (grpcStatus === deadlineExceeded) return failed(`timeout: health rpc did not complete within ${timeout}`)
      if (grpcStatus !== '0') {
        const code = codes[Number(grpcStatus)] ?? `Code(${grpcStatus})`
        return failed(`error: health rpc probe failed: rpc error: code = ${code} desc = ${message}`)
      }
      if (status !== serving)
        return failed(
          `service unhealthy (responded with "${['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN'][status] ?? status}")`,
        )
      return { outcome: 'success', output: 'service healthy' }
    } finally {
      session.destroy()
      socket.destroy()
    }
  } catch (e) {
    if (signal.aborted)
      return failed(
        seen.connected
          ? `timeout: health rpc did not complete within ${timeout}`
          : `timeout: failed to connect service "${address}" within ${timeout}: context deadline exceeded`,
      )
    return failed(`error: failed to connect service at "${address}": ${dialError(e)}`)
  }
}

function check(session: http2.ClientHttp2Session, service: string, signal: AbortSignal) {
  return new Promise<{ status: number; grpcStatus: string; message: string }>((resolve, reject) => {
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
    let answer = Buffer.alloc(0)
    let grpcStatus = ''
    let message = ''
    const note = (headers: http2.IncomingHttpHeaders) => {
      grpcStatus = String(headers['grpc-status'] ?? grpcStatus)
      message = String(headers['grpc-message'] ?? message)
    }
    stream.on('response', note)
    stream.on('trailers', note)
    stream.on('data', (chunk: Buffer) => {
      // However much a server says, its answer is in the beginning.
      if (answer.length < answerSize) answer = Buffer.concat([answer, chunk])
    })
    stream.on('error', reject)
    stream.on('end', () => resolve({ status: statusIn(answer), grpcStatus, message: unescaped(message) }))
    // HealthCheckRequest { string service = 1 } in a gRPC frame: no compression, four bytes of length.
    const name = Buffer.from(service)
    const request = name.length === 0 ? name : Buffer.concat([Buffer.from([0x0a, ...varint(name.length)]), name])
    const frame = Buffer.alloc(5)
    frame.writeUInt32BE(request.length, 1)
    stream.end(Buffer.concat([frame, request]))
  })
}

/** A length as protobuf writes it, seven bits a byte. */
const varint = (n: number): number[] => (n < 128 ? [n] : [(n & 127) | 128, ...varint(n >> 7)])

/** Bytes of a frame's head, and of the one field. */
const answerSize = 7
/** HealthCheckResponse { ServingStatus status = 1 }: the default, 0, is left out on the wire. */
const statusIn = (frame: Buffer) => (frame[5] === 0x08 ? (frame[6] ?? 0) : 0)

/** gRPC escapes by `%` what a header can't hold; what isn't escaped well is left as it is. */
function unescaped(message: string): string {
  try {
    return decodeURIComponent(message)
  } catch {
    return message
  }
}
