/** What only the Electron shell can do; absent in a browser, so the window must ask before it offers these. */
export interface Shell {
  readonly platform: 'darwin' | 'linux' | 'win32'
  minimise(): Promise<void>
  toggleMaximise(): Promise<void>
  close(): Promise<void>
  /** A file chosen by the user: its name and text, or undefined if they changed their mind. */
  openTextFile(options: { title: string; extensions: string[] }): Promise<{ name: string; text: string } | undefined>
  /** False if the user changed their mind. */
  saveTextFile(options: { title: string; name: string; text: string }): Promise<boolean>
  /** Only https: addresses and loopback ones. */
  openExternal(url: string): Promise<void>
  /** Shows a file of the cluster (kubeconfig) in the file manager. */
  showFile(path: string): Promise<void>
}
