// A uPlot chart that follows the theme and its size, zooms by dragging, and pauses while it is off screen.
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { onThemeChange } from './colours.ts'

export type Columns = uPlot.AlignedData
export type Span = readonly [from: number, to: number]

export interface PlotOptions {
  readonly height: number
  readonly series: uPlot.Series[]
  readonly axes: uPlot.Axis[]
  /** The range of y: fixed, or computed from the lowest and highest visible value. */
  readonly yRange: uPlot.Range.MinMax | uPlot.Range.Function
  readonly logarithmic?: boolean
  /** The range of x without a zoom. */
  readonly span: () => Span
  /** Draw on the canvas, below and above the lines. */
  readonly below?: (plot: uPlot) => void
  readonly above?: (plot: uPlot) => void
  /** Called with the row at the crosshair, null without one: when it moves, and after new data. */
  readonly onPoint: (index: number | null) => void
}

export interface Plot {
  draw(columns: Columns): void
  /** Moves the crosshair to the row at `index`; null removes it. */
  point(index: number | null): void
  /** As `point`, for a moment that is read on another chart: does not call `onPoint`. */
  mark(index: number | null): void
  /** Ends a zoom and shows the newest data. */
  follow(): void
  destroy(): void
}

/** Half a window above and below, so that a chart is drawn before it is scrolled into view. */
const VISIBLE_MARGIN = '50%'

/** uPlot declares this as a const enum, which does not exist at run time. */
// eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment -- see above
const LOGARITHMIC = 3 as uPlot.Scale.Distr.Logarithmic

export function createPlot(parent: HTMLElement, options: PlotOptions): Plot {
  let zoom: Span | null = null
  let columns: Columns | null = null
  let isVisible = true
  let pointed: number | null = null
  let marked = false

  const plot = new uPlot(
    {
      width: Math.max(1, parent.clientWidth),
      height: options.height,
      pxAlign: 0,
      legend: { show: false },
      padding: [8, 12, 0, 0],
      cursor: {
        y: false,
        drag: { x: true, y: false, setScale: false },
        // A double click ends the zoom. By default, uPlot would show all data.
        bind: { dblclick: () => () => (follow(), null) },
      },
      scales: {
        x: { time: false, range: () => [...(zoom ?? options.span())] },
        y: {
          range: options.yRange,
          ...(options.logarithmic ? { distr: LOGARITHMIC } : {}),
        },
      },
      series: [{}, ...options.series],
      axes: options.axes,
      hooks: {
        drawClear: [(self) => options.below?.(self)],
        draw: [(self) => options.above?.(self)],
        setCursor: [(self) => setPointed(self.cursor.idx ?? null)],
        setSelect: [zoomIn],
      },
    },
    undefined,
    parent,
  )

  function setPointed(index: number | null) {
    pointed = index
    options.onPoint(index)
  }

  function zoomIn(self: uPlot) {
    const { left, width } = self.select
    if (width <= 0) return
    zoom = [self.posToVal(left, 'x'), self.posToVal(left + width, 'x')]
    self.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
    show()
  }

  function follow() {
    zoom = null
    show()
  }

  function show() {
    if (!columns || !isVisible) return
    plot.setData(columns)
    // New data moves below a resting pointer, which then points at another row.
    if (pointed !== null) setPointed(plot.cursor.idx ?? pointed)
  }

  function moveTo(index: number | null, notify: boolean) {
    const x = index === null ? undefined : columns?.[0][index]
    const left = x === undefined ? -10 : plot.valToPos(x, 'x')
    plot.setCursor({ left, top: index === null ? -10 : 0 }, notify)
  }

  const visibility = new IntersectionObserver(
    ([entry]) => {
      isVisible = entry?.isIntersecting ?? true
      show()
    },
    { rootMargin: VISIBLE_MARGIN },
  )
  const size = new ResizeObserver(() => {
    if (parent.clientWidth > 0) plot.setSize({ width: parent.clientWidth, height: options.height })
  })
  visibility.observe(parent)
  size.observe(parent)
  const stopTheme = onThemeChange(() => plot.redraw(false))

  return {
    draw(next) {
      columns = next
      show()
    },
    point: (index) => moveTo(index, true),
    mark(index) {
      if (index !== null || marked) moveTo(index, false)
      marked = index !== null
    },
    follow,
    destroy() {
      visibility.disconnect()
      size.disconnect()
      stopTheme()
      plot.destroy()
    },
  }
}
