// The theme's colours for a canvas, which cannot read custom properties by itself.

export type Token = 's1' | 's2' | 'muted' | 'grid' | 'bad' | 'warn' | 'text' | 'surface'

const known = new Map<Token, string>()

/** The colour of a token in the current theme. */
export function colour(token: Token): string {
  let value = known.get(token)
  if (value === undefined) {
    value = getComputedStyle(document.documentElement).getPropertyValue(`--${token}`).trim()
    known.set(token, value)
  }
  return value
}

/** The same colour with an opacity of 0 to 1. Tokens are written as `#rrggbb`. */
export function faint(token: Token, opacity: number): string {
  const alpha = Math.round(opacity * 255)
  return `${colour(token)}${alpha.toString(16).padStart(2, '0')}`
}

/** Calls `redraw` after each change of theme; returns how to stop. */
export function onThemeChange(redraw: () => void): () => void {
  const observer = new MutationObserver(() => {
    known.clear()
    redraw()
  })
  observer.observe(document.documentElement, { attributeFilter: ['data-theme', 'data-colours'] })
  return () => observer.disconnect()
}
