// What the loss chart draws beside its lines: the part of the run that is still ahead, and the head of the curve.
import type uPlot from 'uplot'
import { colour, faint } from '../../charts/colours.ts'

const LABEL = 'still to run'

/** Shades everything right of `epochs`, and says why where there is room. */
export function shadeRest(plot: uPlot, epochs: number): void {
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

/** A dot where the curve ends. */
export function drawHead(plot: uPlot, x: number | undefined, y: number | undefined): void {
  if (x === undefined || y === undefined) return
  const { ctx } = plot
  ctx.fillStyle = colour('s1')
  ctx.beginPath()
  const [left, top] = [plot.valToPos(x, 'x', true), plot.valToPos(y, 'y', true)]
  ctx.arc(left, top, 4 * devicePixelRatio, 0, 2 * Math.PI)
  ctx.fill()
}

/** A logarithmic scale needs whole powers around the data, and nothing at zero. */
export function logRange(low: number | null, high: number | null): [number, number] {
  const floor = 10 ** Math.floor(Math.log10(Math.max(low ?? 0.1, 1e-6)))
  return [floor, 10 ** Math.ceil(Math.log10(Math.max(high ?? 1, floor * 10)))]
}
