import { readFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'

/** Megabytes of a process that are in memory. All figures are read from /proc, so on Linux only. */
export function resident(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024
}

/** What a process takes of one core, in percent, over `ms`. */
export async function cpuShare(pid: number, ms: number): Promise<number> {
  const before = cpuTicks(pid)
  await wait(ms)
  // A tick of /proc is 10 ms on every Linux that matters (USER_HZ).
  return ((cpuTicks(pid) - before) * 10 * 100) / ms
}

function cpuTicks(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  return Number(fields[11]) + Number(fields[12])
}
