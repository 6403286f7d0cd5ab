import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { pauseExecutable } from './pause-image.ts'

it.each([
  ['x86_64', 62],
  ['amd64', 62],
  ['aarch64', 183],
  ['arm64', 183],
])('is an ELF file for %s whose one segment is the whole file', (architecture, machine) => {
  const file = pauseExecutable(architecture)
  expect(file.subarray(0, 4).toString('latin1')).toBe('\x7fELF')
  expect(file.readUInt16LE(18)).toBe(machine)
  expect(file.readBigUInt64LE(96)).toBe(BigInt(file.length))
  expect(file.readBigUInt64LE(24) - file.readBigUInt64LE(80)).toBe(120n)
})

it('says for which architecture it is missing', () => {
  expect(() => pauseExecutable('riscv64')).toThrow('riscv64')
})

const here = process.platform === 'linux' && ['x64', 'arm64'].includes(process.arch)
it.runIf(here)('waits, and ends with 0 on SIGTERM', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'podbay-pause-'))
  try {
    const path = join(directory, 'pause')
    await writeFile(path, pauseExecutable(process.arch === 'x64' ? 'x86_64' : 'arm64'), { mode: 0o755 })
    const child = spawn(path, { stdio: 'ignore' })
    const ended = once(child, 'exit')
    await once(child, 'spawn')
    await ignoresChildren(child.pid ?? 0)
    child.kill('SIGCHLD')
    child.kill('SIGTERM')
    expect(await ended).toEqual([0, null])
  } finally {
    await rm(directory, { recursive: true })
  }
})

/** Resolves when the process ignores SIGCHLD; then it has blocked SIGTERM too, which would simply end it before. */
async function ignoresChildren(pid: number): Promise<void> {
  for (;;) {
    const ignored = /^SigIgn:\s*(\S+)/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '0'
    if ((BigInt(`0x${ignored}`) & 0x10000n) !== 0n) return
  }
}
