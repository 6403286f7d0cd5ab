import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'

/** How a kubectl ended: `output` is stdout and stderr as they came. */
export interface KubectlResult {
  code: number | null
  stdout: string
  output: string
}

/** Real kubectl against one cluster; $KUBECTL says which (`npm test` sets 1.36). `env` is set beside this process's own. */
export function createKubectl(
  kubeconfig: string,
  binary = process.env['KUBECTL'] ?? 'kubectl',
  env: Record<string, string> = {},
) {
  const start = (args: string[]): ChildProcessWithoutNullStreams =>
    spawn(binary, ['--kubeconfig', kubeconfig, ...args], {
      env: { ...process.env, KUBECACHEDIR: `${kubeconfig}.cache`, ...env },
    })

  const run = async (args: string[], stdin = ''): Promise<KubectlResult> => {
    const child = start(args)
    const result: KubectlResult = { code: null, stdout: '', output: '' }
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      result.stdout += text
      result.output += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => (result.output += text))
    child.stdin.end(stdin)
    result.code = await new Promise<number | null>((resolve, reject) => {
      child.on('error', reject)
      child.on('close', resolve)
    })
    return result
  }

  return {
    start,
    run,
    /** Fails with kubectl's own words unless it exits 0; returns stdout. */
    async ok(args: string[], stdin?: string): Promise<string> {
      const { code, stdout, output } = await run(args, stdin)
      if (code !== 0) throw new Error(`kubectl ${args.join(' ')} exited ${code ?? 'by a signal'}:\n${output}`)
      return stdout
    },
  }
}

export type Kubectl = ReturnType<typeof createKubectl>
