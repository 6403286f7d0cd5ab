import {
  AUTHORITATIVE_ANSWER,
  RECURSION_AVAILABLE,
  RECURSION_DESIRED,
  type Answer,
  type DecodedPacket,
  type Packet,
  type StringAnswer,
} from 'dns-packet'
import { lookUp, type ClusterView } from './cluster-records.ts'

const nameError = 3
const negativeTtl = 5

/** A name outside of the cluster that an answer leads to: whose records the host's resolvers know. */
export interface Elsewhere {
  elsewhere: string
  /** What is known so far: the names that lead there. */
  answers: Answer[]
}

/**
 * Answers one query from what the cluster knows: records of the type asked for, an empty answer (NODATA) if the name has
 * others, NXDOMAIN if there is no such name; both negative ones carry the zone's SOA (RFC 2308).
 */
export function answerQuery(query: DecodedPacket, zone: string, view: ClusterView): Packet | Elsewhere {
  const question = query.questions?.[0]
  if (!question) return reply(query, { rcode: 1 })
  const name = question.name.toLowerCase().replace(/\.$/, '')
  const found = lookUp(name, zone, view)
  if (found === 'elsewhere') return { elsewhere: name, answers: [] }
  if (!found) return reply(query, { rcode: nameError, authorities: [soa(zone)] })
  const alias = found.find(isAlias)
  if (alias && question.type !== 'CNAME') return follow(query, alias.data, { zone, view, alias })
  const answers = found.filter(record => record.type === question.type)
  if (answers.length === 0) return reply(query, { authorities: [soa(zone)] })
  // The case of the question is the asker's; some check that it comes back (draft-vixie-dnsext-dns0x20).
  return reply(query, {
    answers: answers.map(record => ({ ...record, name: question.name })),
    additionals: glue(answers, zone, view),
  })
}

function follow(
  query: DecodedPacket,
  target: string,
  { zone, view, alias }: { zone: string; view: ClusterView; alias: StringAnswer },
): Packet | Elsewhere {
  const found = lookUp(target.toLowerCase(), zone, view)
  if (found === 'elsewhere') return { elsewhere: target, answers: [alias] }
  const type = query.questions?.[0]?.type
  return reply(query, { answers: [alias, ...(found ?? []).filter(record => record.type === type)] })
}

/** The addresses of the names that SRV records lead to. */
function glue(answers: Answer[], zone: string, view: ClusterView): Answer[] {
  return answers.flatMap(record => {
    if (record.type !== 'SRV') return []
    const found = lookUp(record.data.target, zone, view)
    return Array.isArray(found) ? found.filter(({ type }) => type === 'A') : []
  })
}

const isAlias = (record: Answer): record is StringAnswer => record.type === 'CNAME'

const soa = (zone: string): Answer => ({
  name: zone,
  type: 'SOA',
  ttl: negativeTtl,
  data: {
    mname: `ns.dns.${zone}`,
    rname: `hostmaster.${zone}`,
    serial: 1,
    refresh: 7200,
    retry: 1800,
    expire: 86_400,
    minimum: negativeTtl,
  },
})

/** A response to a query, with its id and question; `rcode` is the low part of the flags. */
export function reply(query: DecodedPacket, { rcode = 0, ...sections }: { rcode?: number } & Partial<Packet>): Packet {
  const flags = AUTHORITATIVE_ANSWER | RECURSION_AVAILABLE | ((query.flags ?? 0) & RECURSION_DESIRED) | rcode
  return { type: 'response', id: query.id ?? 0, flags, questions: query.questions ?? [], ...sections }
}
