import type Docker from 'dockerode'
import { createHash } from 'node:crypto'
import { importImage } from './import-image.ts'
import { tarOf } from './tar.ts'

/**
 * The machine code of a process that holds a sandbox's namespaces, for each CPU architecture:
 *
 *     rt_sigprocmask(SIG_BLOCK, {SIGINT, SIGTERM})   a pid 1 gets signals it blocks, but not those it leaves at default
 *     rt_sigaction(SIGCHLD, SIG_IGN)                 orphans that become ours are reaped by the kernel
 *     while rt_sigtimedwait({SIGINT, SIGTERM}) < 0;  sleeps; interrupted calls start again
 *     exit(0)
 *
 * followed by the signal set 0x4002 and a struct sigaction. Both run wherever they are loaded: addresses are relative.
 */
const code: Record<Architecture, string> = {
  x86_64: `
    488d3541000000 31ff 31d2 6a08 415a 6a0e 58 0f05
    6a11 5f 488d3532000000 31d2 6a0d 58 0f05
    488d3d1c000000 31f6 31d2 b880000000 0f05 85c0 78ea
    31ff 6a3c 58 0f05 660f1f440000
    0240000000000000 0100000000000000 0000000000000000 0000000000000000 0000000000000000`,
  aarch64: `
    c1020010 000080d2 020080d2 030180d2 e81080d2 010000d4
    200280d2 21020010 020080d2 030180d2 c81080d2 010000d4
    40010010 010080d2 020080d2 030180d2 281180d2 010000d4 40ffffb7
    000080d2 a80b80d2 010000d4
    0240000000000000 0100000000000000 0000000000000000 0000000000000000 0000000000000000`,
}

/** e_machine of the ELF header. */
const machine: Record<Architecture, number> = { x86_64: 62, aarch64: 183 }
type Architecture = 'x86_64' | 'aarch64'

const headerSize = 64 + 56
const baseAddress = 0x400000n

/** A static executable: ELF header, one loadable segment, the code. Throws for an architecture it has no code for. */
export function pauseExecutable(architecture: string): Buffer {
  const arch = architectureOf(architecture)
  const text = Buffer.from(code[arch].replaceAll(/\s/g, ''), 'hex')
  const size = BigInt(headerSize + text.length)
  const header = Buffer.alloc(headerSize)
  header.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]) // magic, 64 bit, little-endian, version 1
  header.writeUInt16LE(2, 16) // executable
  header.writeUInt16LE(machine[arch], 18)
  header.writeUInt32LE(1, 20)
  header.writeBigUInt64LE(baseAddress + BigInt(headerSize), 24) // entry point
  header.writeBigUInt64LE(64n, 32) // where the program header is
  header.writeUInt16LE(64, 52) // size of this header
  header.writeUInt16LE(56, 54) // size of a program header
  header.writeUInt16LE(1, 56) // how many of them
  header.writeUInt32LE(1, 64) // PT_LOAD
  header.writeUInt32LE(5, 68) // readable, executable
  header.writeBigUInt64LE(baseAddress, 80)
  header.writeBigUInt64LE(baseAddress, 88)
  header.writeBigUInt64LE(size, 96)
  header.writeBigUInt64LE(size, 104)
  header.writeBigUInt64LE(0x10000n, 112) // alignment: the largest page size of either architecture
  return Buffer.concat([header, text])
}

/** Docker says `x86_64`, `amd64`, `aarch64` or `arm64`, by version and call. */
function architectureOf(name: string): Architecture {
  if (name === 'x86_64' || name === 'amd64') return 'x86_64'
  if (name === 'aarch64' || name === 'arm64') return 'aarch64'
  throw new Error(`no pause executable for the engine's architecture ${name}`)
}

/** The sandbox's image, made when the engine lacks it; nothing is pulled. Returns its reference. */
export async function ensurePauseImage(docker: Docker, architecture: string): Promise<string> {
  const executable = pauseExecutable(architecture)
  const reference = `podbay.local/pause:${createHash('sha256').update(executable).digest('hex').slice(0, 12)}`
  const file = await tarOf([{ path: 'pause', data: executable, mode: 0o755 }])
  await importImage(docker, { reference, file: () => file, changes: ['ENTRYPOINT ["/pause"]'] })
  return reference
}
