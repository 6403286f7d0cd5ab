import {
  decode,
  encode,
  streamDecode,
  streamEncode,
  type DecodedPacket,
  type Packet,
  type RecordType,
} from 'dns-packet'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createConnection } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createFakeClock } from '../../../test/helpers/fake-clock.ts'
import { silent } from '../../../shared/machinery/log.ts'
import { aService, aSlice, createWorld, populate } from '../world.fixture.ts'
import { createDns } from './dns.ts'

const domain = 'cluster.local'
const many = Array.from({ length: 120 }, (_, n) => ({ addresses: [`172.18.2.${n}`] }))

let open: AsyncDisposableStack
let port: number
let upstreams: string[]
beforeEach(async () => {
  open = new AsyncDisposableStack()
  upstreams = []
  const world = createWorld()
  populate(world, {
    services: [
      aService('web', { clusterIP: '10.96.0.5', clusterIPs: ['10.96.0.5'] }),
      aService('db', { clusterIP: 'None' }),
      aService('idle', { clusterIP: 'None' }),
      aService('big', { clusterIP: 'None' }),
      aService('out', { type: 'ExternalName', externalName: 'www.example.org' }),
      aService('alias', { type: 'ExternalName', externalName: 'web.default.svc.cluster.local' }),
    ],
    slices: [
      aSlice('db', [
        { addresses: ['172.18.0.4'], hostname: 'db-0' },
        { addresses: ['172.18.0.5'] },
        { addresses: ['172.18.0.6'], conditions: { ready: false } },
      ]),
      aSlice('big', many),
    ],
  })
  const options = {
    informers: world.informers,
    domain,
    resolvers: () => upstreams,
    clock: createFakeClock(),
    log: silent,
  }
  ;({ port } = open.use(await createDns(options).listen('127.0.0.1')))
})
afterEach(() => open.disposeAsync())

const question = (name: string, type: RecordType): Packet => ({
  type: 'query',
  id: 7,
  flags: 0x100,
  questions: [{ name, type }],
})

/** The types of dns-packet leave out the name of the response code. */
type Decoded = DecodedPacket & { rcode: string }

async function ask(name: string, type: RecordType = 'A'): Promise<Decoded> {
  const socket = createSocket('udp4')
  socket.send(encode(question(name, type)), port, '127.0.0.1')
  const [message] = (await once(socket, 'message')) as [Buffer]
  socket.close()
  return decode(message) as Decoded
}

async function askTcp(name: string): Promise<Packet> {
  const socket = createConnection({ port, host: '127.0.0.1' })
  socket.write(streamEncode(question(name, 'A')))
  let seen = Buffer.alloc(0)
  for await (const chunk of socket) {
    seen = Buffer.concat([seen, chunk as Buffer])
    if (seen.length >= 2 && seen.length >= 2 + seen.readUInt16BE(0)) break
  }
  return streamDecode(seen)
}

const records = (packet: Packet) => (packet.answers ?? []).map(record => ('data' in record ? record.data : undefined))

/** A resolver of the outside that knows one address for every name, and keeps what it was asked. */
async function upstream(): Promise<string[]> {
  const asked: string[] = []
  const socket = createSocket('udp4')
  open.defer(() => void socket.close())
  socket.on('message', (message, from) => {
    const { id = 0, questions = [] } = decode(message)
    const [first] = questions
    asked.push(first?.name ?? '')
    const answers = [{ name: first?.name ?? '', type: 'A' as const, ttl: 60, data: '192.0.2.1' }]
    socket.send(encode({ type: 'response', id, questions, answers }), from.port, from.address)
  })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  upstreams = [`127.0.0.1:${socket.address().port}`]
  return asked
}

describe('names of the cluster', () => {
  it('a Service is its ClusterIP, whatever the case, and the question comes back as it was', async () => {
    const answer = await ask('Web.default.SVC.cluster.local')
    expect(answer).toMatchObject({ id: 7, rcode: 'NOERROR', flag_aa: true, flag_rd: true, flag_ra: true })
    expect(answer.answers).toMatchObject([{ name: 'Web.default.SVC.cluster.local', type: 'A', data: '10.96.0.5' }])
  })

  it('a headless Service is its ready endpoints, each also by hostname or address', async () => {
    expect(records(await ask('db.default.svc.cluster.local'))).toEqual(['172.18.0.4', '172.18.0.5'])
    expect(records(await ask('db-0.db.default.svc.cluster.local'))).toEqual(['172.18.0.4'])
    expect(records(await ask('172-18-0-5.db.default.svc.cluster.local'))).toEqual(['172.18.0.5'])
  })

  it('named ports have SRV records, with the addresses they lead to', async () => {
    const ofWeb = await ask('_http._tcp.web.default.svc.cluster.local', 'SRV')
    expect(records(ofWeb)).toMatchObject([{ port: 80, target: 'web.default.svc.cluster.local' }])
    expect(ofWeb.additionals).toMatchObject([{ type: 'A', data: '10.96.0.5' }])
    expect(records(await ask('_http._tcp.db.default.svc.cluster.local', 'SRV'))).toMatchObject([
      { port: 8080, target: 'db-0.db.default.svc.cluster.local' },
      { port: 8080, target: '172-18-0-5.db.default.svc.cluster.local' },
    ])
    expect((await ask('_nope._tcp.web.default.svc.cluster.local', 'SRV')).rcode).toBe('NXDOMAIN')
  })

  it('addresses have names', async () => {
    expect(records(await ask('5.0.96.10.in-addr.arpa', 'PTR'))).toEqual(['web.default.svc.cluster.local'])
    expect(records(await ask('4.0.18.172.in-addr.arpa', 'PTR'))).toEqual(['db-0.db.default.svc.cluster.local'])
  })

  it('pods are found by address', async () => {
    expect(records(await ask('10-1-2-3.default.pod.cluster.local'))).toEqual(['10.1.2.3'])
    expect((await ask('10-1-2-333.default.pod.cluster.local')).rcode).toBe('NXDOMAIN')
    expect((await ask('10-1-2-3.nowhere.pod.cluster.local')).rcode).toBe('NXDOMAIN')
  })

  it('tells the version of the schema', async () => {
    expect(records(await ask('dns-version.cluster.local', 'TXT'))).toEqual([[Buffer.from('1.1.0')]])
  })

  it.each([
    ['nothing.default.svc.cluster.local', 'A', 'NXDOMAIN'],
    ['web.nowhere.svc.cluster.local', 'A', 'NXDOMAIN'],
    ['idle.default.svc.cluster.local', 'A', 'NXDOMAIN'],
    ['x.web.default.svc.cluster.local', 'A', 'NXDOMAIN'],
    ['web.default.cluster.local', 'A', 'NXDOMAIN'],
    ['web.default.svc.cluster.local', 'AAAA', 'NOERROR'],
    ['default.svc.cluster.local', 'A', 'NOERROR'],
    ['_tcp.web.default.svc.cluster.local', 'A', 'NOERROR'],
    ['svc.cluster.local', 'A', 'NOERROR'],
  ] as const)('%s %s is %s without records and with the SOA', async (name, type, rcode) => {
    const answer = await ask(name, type)
    expect(answer).toMatchObject({ rcode, answers: [], authorities: [{ type: 'SOA', name: domain }] })
  })
})

describe('transport', () => {
  it('cuts what does not fit into UDP, and gives all of it over TCP', async () => {
    const cut = await ask('big.default.svc.cluster.local')
    expect(cut).toMatchObject({ flag_tc: true, answers: [] })
    expect(records(await askTcp('big.default.svc.cluster.local'))).toHaveLength(many.length)
  })

  it('goes on after garbage', async () => {
    const socket = createSocket('udp4')
    socket.send(Buffer.from('no dns at all'), port, '127.0.0.1')
    expect(records(await ask('web.default.svc.cluster.local'))).toEqual(['10.96.0.5'])
    socket.close()
  })
})

describe('names outside of the cluster', () => {
  it('are asked of the resolvers of the host', async () => {
    const asked = await upstream()
    const answer = await ask('www.example.org')
    expect(answer.id).toBe(7)
    expect(records(answer)).toEqual(['192.0.2.1'])
    expect(asked).toEqual(['www.example.org'])
  })

  it('fail when no resolver is there', async () => {
    expect((await ask('www.example.org')).rcode).toBe('SERVFAIL')
  })

  it('are asked of the next resolver when there is no way to one', async () => {
    await upstream()
    // The kernel refuses a connection to the broadcast address as it does one to where no route leads.
    upstreams.unshift('255.255.255.255')
    expect(records(await ask('www.example.org'))).toEqual(['192.0.2.1'])
  })

  it('are what an ExternalName leads to, unless it leads back into the cluster', async () => {
    expect(records(await ask('out.default.svc.cluster.local', 'CNAME'))).toEqual(['www.example.org'])
    await upstream()
    expect(records(await ask('out.default.svc.cluster.local'))).toEqual(['www.example.org', '192.0.2.1'])
    expect(records(await ask('alias.default.svc.cluster.local'))).toEqual([
      'web.default.svc.cluster.local',
      '10.96.0.5',
    ])
  })
})
