// The colours of the theme for a canvas, which cannot use custom properties.

export type Token = 's1' | 's2' | 'muted' | 'grid' | 'bad' | 'warn' | 'text' | 'surface'

const cache = new Map<Token, string>()

/** The colour of a token in the current theme. */
export function colour(token: Token): string {
  let value = cache.get(token)
  if (value === undefined) {
    value = getComputedStyle(document.documentElement).getPropertyValue(`--${token}`).trim()
    cache.set(token, value)
  }
  return value
}

/** The same colour with an opacity from 0 to 1. The tokens are `#rrggbb`. */
export function faint(token: Token, opacity: number): string {
  const alpha = Math.round(opacity * 255)
  return `${colour(token)}${alpha.toString(16).padStart(2, '0')}`
}

/** Calls `redraw` after each change of theme; returns a function that stops this. */
export function onThemeChange(redraw: () => void): () => void {
  const observer = new MutationObserver(() => {
    cache.clear()
    redraw()
  })
  observer.observe(document.documentElement, { attributeFilter: ['data-theme', 'data-colours'] })
  return () => observer.disconnect()
}
