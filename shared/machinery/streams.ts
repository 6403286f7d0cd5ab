/** The shapes of exec and logs on their way from a client through the API server to a kubelet and its runtime. */

export interface ExecOptions {
  command: string[]
  stdin: boolean
  stdout: boolean
  stderr: boolean
  tty: boolean
}

/** A running command. The side that reads too slowly slows the command, not the engine. Disposing ends it and never rejects. */
export interface ExecSession extends AsyncDisposable {
  /** Output in order; with a tty all of it is stdout. Ends when the command ends. */
  readonly output: AsyncIterable<{ stream: 'stdout' | 'stderr'; data: Uint8Array }>
  write(data: Uint8Array): Promise<void>
  closeStdin(): void
  resize(size: { width: number; height: number }): Promise<void>
  /** Resolves after the output ended. */
  readonly exitCode: Promise<number>
}

export interface LogOptions {
  follow: boolean
  timestamps: boolean
  tailLines?: number
  /** Milliseconds since the epoch. */
  since?: number
  limitBytes?: number
  signal: AbortSignal
}
