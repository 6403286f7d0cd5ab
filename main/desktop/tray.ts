import { Menu, nativeImage, Tray } from 'electron'
import type { HostStatus } from '../../shared/contract/host.ts'
import type { Texts } from './texts.ts'

/** The sign that a cluster runs while its window is closed. */
export interface ClusterTray {
  /** Undefined: there is no engine at the moment. */
  update(status: HostStatus | undefined): void
}

export function createTray(options: { icon: string; texts: Texts; show: () => void; quit: () => void }): ClusterTray {
  const { texts, show, quit } = options
  const tray = new Tray(nativeImage.createFromPath(options.icon))
  tray.on('click', show)
  let shown: string | undefined

  function update(status: HostStatus | undefined): void {
    const line = lineOf(status, texts)
    // The status comes every ten seconds with new numbers; an open menu would close each time it is set.
    if (line === shown) return
    shown = line
    tray.setToolTip(`Podbay: ${line}`)
    tray.setContextMenu(
      Menu.buildFromTemplate([
        { label: line, enabled: false },
        { type: 'separator' },
        { label: texts.open, click: show },
        { label: texts.quit, click: quit },
      ]),
    )
  }
  update(undefined)
  return { update }
}

/** One line: what the cluster does, and what is not as it should be. */
function lineOf(status: HostStatus | undefined, texts: Texts): string {
  if (!status) return texts.starting
  const notes = [
    status.runtime === 'simulated' ? texts.simulated : '',
    status.runtime === 'docker' && status.docker.state === 'unreachable' ? texts.dockerUnreachable : '',
  ].filter(note => note !== '')
  const line = `${status.cluster}: ${texts[status.state]}`
  return notes.length > 0 ? `${line} (${notes.join(', ')})` : line
}
