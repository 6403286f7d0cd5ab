/** Tokens as colours that canvas-like widgets understand; `light-dark()` is settled by the element they are read at. */
export function readTokens<Name extends string>(element: HTMLElement, names: readonly Name[]): Record<Name, string> {
  const probe = element.appendChild(document.createElement('span'))
  try {
    const entries = names.map(name => {
      probe.style.color = `var(--${name})`
      return [name, toHex(getComputedStyle(probe).color)]
    })
    return Object.fromEntries(entries) as Record<Name, string>
  } finally {
    probe.remove()
  }
}

/** `rgb(1, 2, 3)` as `#010203`. */
function toHex(rgb: string): string {
  const parts = rgb.match(/[\d.]+/g)?.slice(0, 3) ?? ['0', '0', '0']
  return `#${parts.map(part => Math.round(Number(part)).toString(16).padStart(2, '0')).join('')}`
}

/** Calls `changed` when the theme does, by the user's choice or the system's, until the signal aborts. */
export function onThemeChange(changed: () => void, signal: AbortSignal): void {
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', changed, { signal })
  const observer = new MutationObserver(changed)
  observer.observe(document.documentElement, { attributeFilter: ['data-theme'] })
  signal.addEventListener('abort', () => observer.disconnect())
}
