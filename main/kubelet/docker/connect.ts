import Docker from 'dockerode'
import { Agent, type ClientRequest } from 'node:http'
import { Agent as TlsAgent } from 'node:https'
import { inspect } from 'node:util'
import type { Clock } from '../../../shared/machinery/clock.ts'

interface DockerConnection extends Disposable {
  readonly docker: Docker
}

interface Modem {
  protocol: string
  agent?: Agent
}

/** What a request calls of its agent. Node's types leave it out, though every agent for proxies is made of it. */
interface RequestTaker {
  addRequest(request: ClientRequest, ...rest: unknown[]): void
}

/** Questions that the engine answers at once, however busy it is. One that starts up may accept them and say nothing. */
const quick = /^\/(info|events|_ping)\b/
const answerWithin = 10_000

/**
 * The Docker Engine that the docker command talks to (DOCKER_HOST). Each call to it ends: also when the engine goes away
 * halfway through its answer, when it does not answer the simplest question for ten seconds, and when the connection is
 * disposed, which cuts off whatever is under way but streams of exec. Later calls connect anew.
 */
export function connectDocker({ clock }: { clock: Clock }): DockerConnection {
  const docker = new Docker()
  const modem = docker.modem as unknown as Modem
  // As Node's own agent: idle connections are kept for five seconds.
  const options = { keepAlive: true, timeout: 5_000 }
  const agent = modem.protocol === 'https' ? new TlsAgent(options) : new Agent(options)
  const taker = agent as unknown as RequestTaker
  const addRequest = taker.addRequest.bind(agent)
  taker.addRequest = (request, ...rest) => {
    guard(request, clock)
    addRequest(request, ...rest)
  }
  // The library prints every request with its agent, for a log that nobody reads: with all sockets, and what waits for them.
  Object.defineProperty(agent, inspect.custom, { value: () => 'Agent' })
  modem.agent = agent
  return { docker, [Symbol.dispose]: () => agent.destroy() }
}

/** Makes up for what the client library leaves out. */
function guard(request: ClientRequest, clock: Clock): void {
  const silent = () => request.destroy(failure('ETIMEDOUT', `no answer within ${answerWithin / 1000} s`))
  const timer = quick.test(request.path) ? clock.setTimeout(silent, answerWithin) : undefined
  request.once('close', () => timer?.[Symbol.dispose]())
  request.prependOnceListener('response', response => {
    timer?.[Symbol.dispose]()
    // It would follow a redirect with a request whose failure nobody hears of; the engine has none to give.
    delete response.headers.location
    // It waits for the end of an answer that was cut off.
    response.once('close', () => {
      if (!response.complete) request.emit('error', failure('ECONNRESET', 'the answer was cut off'))
    })
  })
}

const failure = (code: string, message: string) => Object.assign(new Error(message), { code })
