import type { Container, KubeEvent } from '../../shared/api/core.ts'
import { eventTime, latest, ofContainer } from './events.ts'
import type { Fact } from './why.ts'

/** What made the kubelet end a container that would have run on. */
export interface Killer {
  by: 'liveness' | 'startup' | 'hook'
  fact: Fact
  /** Told of lately. Of what fails again and again Events come but rarely, so older ones may still be meant. */
  sure: boolean
}

const recent = 10 * 60_000

/** The failed probe or postStart hook behind the end of a container, by the last event that tells of one. */
export function killerOf(
  { name, lifecycle }: Container,
  { events, now }: { events: readonly KubeEvent[]; now: number },
): Killer | undefined {
  const own = ofContainer(events, name)
  const isRecent = (event: KubeEvent) => now - eventTime(event) < recent
  const probe = latest(own, ['Unhealthy'], /^(?:liveness|startup) probe/i)
  const hook = latest(own, ['FailedPostStartHook'])
  if (hook && (!probe || eventTime(hook) > eventTime(probe))) {
    const { exec, httpGet } = lifecycle?.postStart ?? {}
    const did = exec?.command?.join(' ') ?? (httpGet && `GET ${httpGet.path ?? '/'}`)
    return {
      by: 'hook',
      sure: isRecent(hook),
      fact: { label: { key: 'why.fact.hook' }, lines: [did ?? hook.message ?? ''], mark: 'warn' },
    }
  }
  if (!probe) return undefined
  return {
    sure: isRecent(probe),
    by: /^startup/i.test(probe.message ?? '') ? 'startup' : 'liveness',
    fact: { label: { key: 'why.fact.probe' }, lines: (probe.message ?? '').trimEnd().split('\n'), mark: 'warn' },
  }
}
