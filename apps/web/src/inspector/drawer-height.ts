// How tall the drawer may be, in pixels.
export const DEFAULT_HEIGHT = 392
export const LEAST_HEIGHT = 240
const MOST_OF_THE_WINDOW = 0.7

/** Within 240 px and seven tenths of the window, which wins on a window that is lower still. */
export function clampHeight(height: number, windowHeight: number): number {
  const most = mostHeight(windowHeight)
  return Math.round(Math.min(most, Math.max(Math.min(LEAST_HEIGHT, most), height)))
}

export function mostHeight(windowHeight: number): number {
  return Math.round(windowHeight * MOST_OF_THE_WINDOW)
}
