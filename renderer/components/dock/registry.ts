import type { AsyncComponentLoader } from 'vue'
import type { ObjectLink } from '../../object-link.ts'

/** What can stand in a dock tab, and as a tab of the drawer for one object. */
export type PanelKind = 'logs' | 'terminal' | 'yaml'

/** What a panel shows; it gets this as its prop `target`. */
export interface PanelTarget {
  /** The object: a pod or a workload for logs, a pod for a terminal, anything for YAML. Absent: YAML of something new. */
  link?: ObjectLink
  /** Logs and terminal: this container; else the panel chooses. */
  container?: string
  /** Logs of the run before. */
  previous?: boolean
  /** Terminal: the session of the engine to attach to, or that it is attached to. */
  session?: string
}

/**
 * Props of every panel. It fills its place (100 % by 100 %), and is told whether it can be seen, so that it can stop
 * measuring and painting while it can't; it stays mounted in a hidden dock tab.
 */
export interface PanelProps {
  target: PanelTarget
  active: boolean
  /** A terminal tells the session of the engine that it shows. */
  onSession?: (id: string) => void
}

/** Panels by kind, loaded when first shown. A kind that is not here is not offered anywhere. */
export const panels: Partial<Record<PanelKind, AsyncComponentLoader>> = {
  logs: () => import('./LogView.vue'),
  terminal: () => import('./TerminalView.vue'),
  yaml: () => import('./YamlEditor.vue'),
}
