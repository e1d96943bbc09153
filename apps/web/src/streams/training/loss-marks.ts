// What the loss chart draws besides its lines: the remaining part of the run, and a dot at the end of the curve.
import type uPlot from 'uplot'
import { colour, faint } from '../../charts/colours.ts'

const LABEL = 'still to run'

/** Shades everything right of `epochs`, with a label if there is room for it. */
export function shadeRemaining(plot: uPlot, epochs: number): void {
  const { ctx, bbox } = plot
  const left = plot.valToPos(epochs, 'x', true)
  const right = bbox.left + bbox.width
  if (left >= right) return
  ctx.save()
  ctx.fillStyle = faint('muted', 0.07)
  ctx.fillRect(left, bbox.top, right - left, bbox.height)
  ctx.fillStyle = colour('muted')
  ctx.font = `${11 * devicePixelRatio}px system-ui, sans-serif`
  ctx.textAlign = 'center'
  if (ctx.measureText(LABEL).width < right - left) {
    ctx.fillText(LABEL, (left + right) / 2, bbox.top + bbox.height / 2)
  }
  ctx.restore()
}

/** Draws a dot at the end of the curve. */
export function drawEnd(plot: uPlot, x: number | undefined, y: number | undefined): void {
  if (x === undefined || y === undefined) return
  const { ctx } = plot
  ctx.fillStyle = colour('s1')
  ctx.beginPath()
  const [left, top] = [plot.valToPos(x, 'x', true), plot.valToPos(y, 'y', true)]
  ctx.arc(left, top, 4 * devicePixelRatio, 0, 2 * Math.PI)
  ctx.fill()
}

/** The range of a logarithmic scale: powers of ten around the data, and never zero. */
export function logRange(low: number | null, high: number | null): [number, number] {
  const floor = 10 ** Math.floor(Math.log10(Math.max(low ?? 0.1, 1e-6)))
  return [floor, 10 ** Math.ceil(Math.log10(Math.max(high ?? 1, floor * 10)))]
}
