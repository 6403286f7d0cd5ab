import type { Container, PodSpec, Probe } from '../../../../shared/api/core.ts'
import { formatQuantity, milliQuantityOf, parseQuantity, quantityMilli } from '../../../../shared/machinery/quantity.ts'
import type { ResourceList } from '../pod/pod-spec.ts'

/** Fills in what a container leaves out (pkg/apis/core/v1/defaults.go SetDefaults_Container and what it contains). */
export function setContainerDefaults(container: Container): void {
  container.imagePullPolicy ||= pullPolicyOf(container.image ?? '')
  container.terminationMessagePath ||= '/dev/termination-log'
  container.terminationMessagePolicy ||= 'File'
  // Without omitempty in Go, so that it always shows.
  container.resources ??= {}
  setResourceDefaults(container.resources)
  for (const port of container.ports ?? []) port.protocol ||= 'TCP'
  for (const { valueFrom } of container.env ?? []) {
    if (valueFrom?.fieldRef) valueFrom.fieldRef.apiVersion ||= 'v1'
    if (valueFrom?.resourceFieldRef) valueFrom.resourceFieldRef.divisor ||= '0'
    if (valueFrom?.fileKeyRef) valueFrom.fileKeyRef.optional ??= false
  }
  for (const probe of [container.livenessProbe, container.readinessProbe, container.startupProbe]) {
    if (probe) setProbeDefaults(probe)
  }
  for (const handler of [container.lifecycle?.postStart, container.lifecycle?.preStop]) {
    if (handler?.httpGet) setHttpGetDefaults(handler.httpGet)
  }
}

/** Always for `latest`, said or meant; an image that is pinned otherwise is pulled once. */
export function pullPolicyOf(image: string): string {
  const [whole, , , tag, digest] = reference.exec(image) ?? []
  const isLatest = tag === undefined ? whole !== undefined && digest === undefined : tag === 'latest'
  return isLatest ? 'Always' : 'IfNotPresent'
}

/** An image as github.com/distribution/reference reads it: host and port, path, tag, digest. */
const reference =
  /^((?:[a-zA-Z0-9.-]+|\[[a-fA-F0-9:]+\])(?::\d+)?\/)?((?:[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*\/?)+)(?<!\/)(?::(\w[\w.-]{0,127}))?(@[A-Za-z][\w+.-]*:[0-9a-fA-F]{32,})?$/

function setProbeDefaults(probe: Probe): void {
  probe.timeoutSeconds ||= 1
  probe.periodSeconds ||= 10
  probe.successThreshold ||= 1
  probe.failureThreshold ||= 3
  if (probe.httpGet) setHttpGetDefaults(probe.httpGet)
  if (probe.grpc) probe.grpc.service ??= ''
}

function setHttpGetDefaults(action: NonNullable<Probe['httpGet']>): void {
  action.path ||= '/'
  action.scheme ||= 'HTTP'
}

/** Amounts of what containers ask for. */
export function setResourceDefaults({ limits, requests }: NonNullable<PodSpec['resources']>): void {
  for (const list of [limits, requests]) if (list) roundToMilli(list)
}

/** Rounds amounts finer than a thousandth up (SetDefaults_ResourceList). */
export function roundToMilli(list: ResourceList): void {
  for (const [name, value] of Object.entries(list)) {
    const quantity = parseQuantity(value)
    if (quantity.nanos % 1_000_000n === 0n) continue
    list[name] = formatQuantity({ ...milliQuantityOf(quantityMilli(quantity)), format: quantity.format })
  }
}
