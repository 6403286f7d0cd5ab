import { shell } from '../../transport.ts'

/** Saves a text where the user wants it: by the shell's dialog, or as the browser's download. False if they changed their mind. */
export async function saveText(options: { title: string; name: string; text: string }): Promise<boolean> {
  if (shell) return shell.saveTextFile(options)
  const address = URL.createObjectURL(new Blob([options.text], { type: 'text/plain' }))
  const link = document.createElement('a')
  link.href = address
  link.download = options.name
  link.click()
  // The download has begun when the click returns; the address is not needed after that.
  setTimeout(() => URL.revokeObjectURL(address), 0)
  return true
}
