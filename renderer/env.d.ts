/// <reference types="vite/client" />
import 'vue'

/** What any element and any component may be given beside its own props; strict templates want to know. */
declare module 'vue' {
  interface HTMLAttributes {
    [data: `data-${string}`]: unknown
  }
  interface ComponentCustomProps {
    id?: string
    title?: string
    onClick?: (event: MouseEvent) => void
    [aria: `aria-${string}`]: unknown
    [data: `data-${string}`]: unknown
  }
}
