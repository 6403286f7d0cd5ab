/** The shapes of exec, attach and logs on their way from a client through the API server to a kubelet and its runtime. */

/** What a client wants to be connected with. */
export interface AttachOptions {
  stdin: boolean
  stdout: boolean
  stderr: boolean
  tty: boolean
}

export interface ExecOptions extends AttachOptions {
  command: string[]
}

/**
 * A running command, or a container's own process as a client is attached to it. The side that reads too slowly slows the
 * command, not the engine. Disposing ends a command, leaves a container, and never rejects.
 */
export interface ExecSession extends AsyncDisposable {
  /** Output in order; with a tty all of it is stdout. Ends when the command ends. */
  readonly output: AsyncIterable<{ stream: 'stdout' | 'stderr'; data: Uint8Array }>
  write(data: Uint8Array): Promise<void>
  closeStdin(): void
  resize(size: { width: number; height: number }): Promise<void>
  /** Resolves after the output ended; 0 where it is not the command that ended but the attachment. */
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
