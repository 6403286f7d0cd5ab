import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { openWindow } from '../helpers/browser.ts'
import { podbay, startEngine } from '../helpers/engine.ts'
import { eventually } from '../helpers/eventually.ts'
import { createKubectl } from '../helpers/kubectl.ts'
import { podNamed } from '../helpers/pod-named.ts'
import { shellPod } from '../helpers/shell-pod.ts'

const directory = mkdtempSync(join(tmpdir(), 'podbay-engine-life-'))
afterAll(() => rmSync(directory, { recursive: true }))

const simulated = ['--runtime', 'simulated']

describe('the life of an engine', () => {
  const dataDir = join(directory, 'life')
  const at = ['--name', 'life', '--data-dir', dataDir, ...simulated]

  it('says what runs, and ends as often as it is asked to', async () => {
    const status = () => podbay('status', ...at).stdout
    expect(status()).toBe('there is no cluster life\n')
    const engine = await startEngine({ name: 'life', dataDir, flags: simulated })
    expect(status()).toContain(`cluster life runs: pid=${engine.pid} server=${engine.server}`)
    expect(podbay('down', ...at)).toMatchObject({ code: 0, stdout: 'cluster life is down\n' })
    expect(await engine.end('SIGTERM')).toBe(0)
    expect(status()).toBe('cluster life is stopped\n')
    expect(podbay('down', ...at)).toMatchObject({ code: 0 })
    writeFileSync(join(dataDir, 'notes.txt'), 'mine')
    expect(podbay('delete', ...at)).toMatchObject({ code: 0 })
    expect(readFileSync(join(dataDir, 'notes.txt'), 'utf8')).toBe('mine')
    expect(status()).toBe('there is no cluster life\n')
    rmSync(dataDir, { recursive: true })
    expect(podbay('delete', ...at)).toMatchObject({ code: 0 })
  })

  it('is found again by a window that stayed open, and at its old address', async () => {
    let engine = await startEngine({ name: 'life', dataDir, flags: simulated })
    const { window } = engine
    await using browser = await openWindow(window)
    await browser.page.getByText('Live', { exact: true }).waitFor()
    await engine.end('SIGKILL')
    await browser.page.getByText('The connection to the engine is lost.').waitFor()
    engine = await startEngine({ name: 'life', dataDir, flags: simulated })
    expect(engine.window).toBe(window)
    await browser.page.getByText('The connection to the engine is lost.').waitFor({ state: 'hidden' })
    await browser.page.getByText('Live', { exact: true }).waitFor()
    await engine.end('SIGTERM')
  })

  it('ends in order when its terminal is closed, and when it is told more than once', async () => {
    const engine = await startEngine({ name: 'life', dataDir, flags: simulated })
    process.kill(engine.pid, 'SIGHUP')
    process.kill(engine.pid, 'SIGINT')
    expect(await engine.end('SIGINT')).toBe(0)
    expect(podbay('status', ...at).stdout).toBe('cluster life is stopped\n')
  })

  it('ends, and says why, when its data is removed under it', async () => {
    const data = mkdtempSync(join(directory, 'removed-'))
    const engine = await startEngine({ name: 'removed', dataDir: data, flags: simulated })
    rmSync(data, { recursive: true, force: true })
    expect(await engine.ended).toBe(1)
    expect(engine.words()).toContain(`the data in ${data} was removed while the engine ran`)
    expect(existsSync(data)).toBe(false)
  })

  it('goes on with simulated pods where it was', async () => {
    mkdirSync(dataDir, { recursive: true })
    let engine = await startEngine({ name: 'life', dataDir, flags: simulated })
    const kubectl = createKubectl(engine.kubeconfig)
    await kubectl.ok(['apply', '-f', '-'], JSON.stringify(shellPod('steady')))
    await kubectl.ok(['wait', 'pod/steady', '--for=condition=Ready', '--timeout=30s'])
    const before = await podNamed(kubectl, 'steady')
    await engine.end('SIGKILL')
    engine = await startEngine({ name: 'life', dataDir, flags: simulated })
    await kubectl.ok(['apply', '-f', '-'], JSON.stringify(shellPod('newer')))
    await kubectl.ok(['wait', 'pod/newer', '--for=condition=Ready', '--timeout=30s'])
    await eventually(async () => expect((await podNamed(kubectl, 'steady')).status).toEqual(before.status))
    expect((await podNamed(kubectl, 'newer')).status?.podIP).not.toBe(before.status?.podIP)
    await kubectl.ok(['delete', 'pod', '--all', '--timeout=30s'])
    await engine.end('SIGTERM')
    rmSync(`${engine.kubeconfig}.cache`, { recursive: true })
    expect(podbay('delete', ...at)).toMatchObject({ code: 0 })
    expect(existsSync(dataDir)).toBe(false)
  })
})
