import type { Container } from '../../../shared/api/core.ts'
import type { HandlerParts, Target } from './handler-parts.ts'
import { dialError, httpGet, isPlainAnswer, type Around, type HttpAction } from '../probes/http.ts'
import { execCommand } from '../probes/exec.ts'

export type Hook = NonNullable<NonNullable<Container['lifecycle']>['postStart']>

/** Runs a lifecycle hook; rejects with what the kubelet tells of one that failed (pkg/kubelet/lifecycle/handlers.go, Run). */
export async function runHook(hook: Hook, target: Target, parts: HandlerParts, signal: AbortSignal): Promise<void> {
  const { pod, container } = target
  const { name, namespace = '', uid } = pod.metadata
  const failed = (what: string, error: string, said = '') =>
    new Error(
      `${what} for Container "${container.name}" in Pod "${name}_${namespace}(${uid})" failed - error: ${error}${said}`,
    )
  if (hook.exec) {
    const command = hook.exec.command ?? []
    const what = `Exec lifecycle hook ([${command.join(' ')}])`
    const { exitCode, output, stderr } = await execCommand(parts.runtime, target.containerId, {
      command,
      signal,
    }).catch((e: unknown) => {
      throw failed(what, e instanceof Error ? e.message : String(e), ', message: ""')
    })
    if (exitCode === 0) return
    const error = `command '${command.join(' ')}' exited with ${exitCode}: ${stderr}`
    throw failed(what, error, `, message: ${JSON.stringify(output)}`)
  }
  if (hook.httpGet) {
    const what = `HTTP lifecycle hook (${hook.httpGet.path ?? ''})`
    await request(hook.httpGet, target, parts, signal).catch((e: unknown) => {
      throw failed(what, dialError(e))
    })
  } else if (hook.sleep) await parts.sleep(hook.sleep.seconds * 1000, signal)
  else throw new Error('Cannot run handler: invalid handler')
}

/** Any answer will do. A server that speaks no TLS is asked again without it, and without what is secret. */
async function request(action: HttpAction, target: Target, parts: HandlerParts, signal: AbortSignal): Promise<void> {
  const { container, ip } = target
  const around: Around = { container, ip, dial: parts.dial, signal, purpose: 'lifecycle', roams: true }
  try {
    await httpGet(action, around)
  } catch (e) {
    if (!isPlainAnswer(e)) throw e
    const httpHeaders = (action.httpHeaders ?? []).filter(h => h.name.toLowerCase() !== 'authorization')
    const { url } = await httpGet({ ...action, scheme: 'HTTP', httpHeaders }, around)
    const message = `request to HTTPS lifecycle hook ${new URL(url).host} got HTTP response, retry with HTTP succeeded`
    parts.recorder.event(target.pod, 'Warning', 'LifecycleHTTPFallback', message)
  }
}
