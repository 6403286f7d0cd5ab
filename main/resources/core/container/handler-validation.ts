import type { Container, Probe } from '../../../../shared/api/core.ts'
import type { StatusCause } from '../../../../shared/api/object.ts'
import { child, forbidden, invalid, required } from '../../../../shared/machinery/field-errors.ts'
import { isHttpHeaderName } from '../../../../shared/machinery/names.ts'
import { invalidFor, nonNegative, optionalOneOf } from '../../faults.ts'
import { validatePortNumberOrName } from '../port-validation.ts'

type Lifecycle = NonNullable<Container['lifecycle']>
type LifecycleHandler = NonNullable<Lifecycle['postStart']>
type HttpGet = NonNullable<Probe['httpGet']>

/** Where a probe or hook stands, and how long the pod has to end. */
interface Place {
  path: string
  gracePeriod: number | undefined
}

type Handler = Pick<Probe, 'exec' | 'httpGet' | 'tcpSocket' | 'grpc'> & Pick<LifecycleHandler, 'sleep'>

/** Exactly one kind of handler, and what is wrong with it (validateHandler). */
function validateHandler(handler: Handler, { path, gracePeriod }: Place): StatusCause[] {
  const { exec, httpGet, tcpSocket, grpc, sleep } = handler
  const given: [name: string, faults: (at: string) => StatusCause[]][] = []
  if (exec) given.push(['exec', at => ((exec.command ?? []).length === 0 ? [required(child(at, 'command'))] : [])])
  if (httpGet) given.push(['httpGet', at => validateHttpGet(httpGet, at)])
  if (tcpSocket) given.push(['tcpSocket', at => validatePortNumberOrName(child(at, 'port'), tcpSocket.port)])
  if (grpc) given.push(['grpc', at => validatePortNumberOrName(child(at, 'port'), grpc.port)])
  if (sleep) given.push(['sleep', at => validateSleep(sleep.seconds, { path: at, gracePeriod })])
  if (given.length === 0) return [required(path, 'must specify a handler type')]
  return given.flatMap(([name, faults], i) => {
    const at = child(path, name)
    return i === 0 ? faults(at) : [forbidden(at, 'may not specify more than 1 handler type')]
  })
}

function validateHttpGet({ path: url, port, scheme, httpHeaders = [] }: HttpGet, path: string): StatusCause[] {
  return [
    ...(url ? [] : [required(child(path, 'path'))]),
    ...validatePortNumberOrName(child(path, 'port'), port),
    ...optionalOneOf(child(path, 'scheme'), scheme, ['HTTP', 'HTTPS']),
    ...httpHeaders.flatMap(({ name }) => invalidFor(child(path, 'httpHeaders'), name, isHttpHeaderName(name))),
  ]
}

function validateSleep(seconds: number, { path, gracePeriod }: Place): StatusCause[] {
  if (gracePeriod === undefined || (seconds >= 0 && seconds <= gracePeriod)) return []
  return [invalid(path, seconds, `must be non-negative and less than terminationGracePeriodSeconds (${gracePeriod})`)]
}

/** Faults of a container's three probes. */
export function validateProbes(container: Container, { path, gracePeriod }: Place): StatusCause[] {
  const { livenessProbe, readinessProbe, startupProbe } = container
  const place = (name: string) => ({ path: child(path, name), gracePeriod })
  return [
    ...(livenessProbe ? validateOnce(livenessProbe, place('livenessProbe')) : []),
    ...(readinessProbe ? validateReadiness(readinessProbe, place('readinessProbe')) : []),
    ...(startupProbe ? validateOnce(startupProbe, place('startupProbe')) : []),
  ]
}

function validateProbe(probe: Probe, place: Place): StatusCause[] {
  const at = (field: string) => child(place.path, field)
  const { terminationGracePeriodSeconds: grace } = probe
  return [
    ...validateHandler(probe, place),
    ...nonNegative(at('initialDelaySeconds'), probe.initialDelaySeconds),
    ...nonNegative(at('timeoutSeconds'), probe.timeoutSeconds),
    ...nonNegative(at('periodSeconds'), probe.periodSeconds),
    ...nonNegative(at('successThreshold'), probe.successThreshold),
    ...nonNegative(at('failureThreshold'), probe.failureThreshold),
    ...(grace !== undefined && grace <= 0
      ? [invalid(at('terminationGracePeriodSeconds'), grace, 'must be greater than 0')]
      : []),
  ]
}

/** Liveness and startup probes: one success decides. */
function validateOnce(probe: Probe, place: Place): StatusCause[] {
  const faults = validateProbe(probe, place)
  const { successThreshold } = probe
  return successThreshold === 1
    ? faults
    : [...faults, invalid(child(place.path, 'successThreshold'), successThreshold, 'must be 1')]
}

function validateReadiness(probe: Probe, place: Place): StatusCause[] {
  const { terminationGracePeriodSeconds: grace } = probe
  const at = child(place.path, 'terminationGracePeriodSeconds')
  const unset = grace === undefined ? [] : [invalid(at, grace, 'must not be set for readinessProbes')]
  return [...validateProbe(probe, place), ...unset]
}

/** Faults of a container's hooks (validateLifecycle). */
export function validateLifecycle({ postStart, preStop }: Lifecycle, { path, gracePeriod }: Place): StatusCause[] {
  return [
    ...(postStart ? validateHandler(postStart, { path: child(path, 'postStart'), gracePeriod }) : []),
    ...(preStop ? validateHandler(preStop, { path: child(path, 'preStop'), gracePeriod }) : []),
  ]
}
