import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'

interface Counted {
  passed: number
  failed: number
  skipped: number
}
// Held in a variable, since the scripts in .ci are plain JavaScript without types.
const script = '../../.ci/count-tests.mjs'
const { countTests } = (await import(script)) as {
  countTests: (report: unknown, exitCode: number, say: (text: string) => void) => Counted
}

/** Runs one test file by Vitest of its own and counts what became of it. */
function outcome(source: string): Counted & { said: string } {
  const root = mkdtempSync(join(tmpdir(), 'podbay-counts-'))
  onTestFinished(() => rmSync(root, { recursive: true }))
  writeFileSync(join(root, 'a.test.js'), source)
  const args = ['run', '--root', root, '--globals', '--reporter=json', '--outputFile.json=report.json']
  const { status } = spawnSync('vitest', args, { encoding: 'utf8' })
  const said: string[] = []
  const report: unknown = JSON.parse(readFileSync(join(root, 'report.json'), 'utf8'))
  return { ...countTests(report, status ?? 1, text => said.push(text)), said: said.join('\n') }
}

it('counts what passed, failed and was skipped', () => {
  expect(outcome('it("a", () => {}); it("b", () => expect(1).toBe(2)); it.skip("c", () => {})')).toEqual({
    passed: 1,
    failed: 1,
    skipped: 1,
    said: '',
  })
})

it('counts a file that cannot be loaded as a failure', () => {
  const { passed, failed, said } = outcome('throw new Error("no such part")')
  expect({ passed, failed }).toEqual({ passed: 0, failed: 1 })
  expect(said).toContain('no such part')
})

it('counts a clean-up that fails, though every test passed', () => {
  const { passed, failed, said } = outcome('afterAll(() => { throw new Error("left behind") }); it("a", () => {})')
  expect({ passed, failed }).toEqual({ passed: 1, failed: 1 })
  expect(said).toContain('left behind')
})

it('counts the clean-up of a group of tests, too', () => {
  const group = 'describe("g", () => { afterAll(() => { throw new Error("left behind") }); it("a", () => {}) })'
  expect(outcome(group)).toMatchObject({ passed: 1, failed: 1 })
})

it('counts an error that no test caught', () => {
  const source =
    'it("a", () => { setImmediate(() => { throw new Error("late") }) }); it("b", () => new Promise(setImmediate))'
  const { passed, failed, said } = outcome(source)
  expect({ passed, failed }).toEqual({ passed: 2, failed: 1 })
  expect(said).toContain('outside of the tests')
})
