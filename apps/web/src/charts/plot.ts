// A uPlot that redraws on a change of theme or size, zooms by dragging, and rests while it is off screen.
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { onThemeChange } from './colours.ts'

export type Columns = uPlot.AlignedData
export type Span = readonly [from: number, to: number]

export interface PlotOptions {
  readonly height: number
  readonly series: uPlot.Series[]
  readonly axes: uPlot.Axis[]
  /** y from `[lowest, highest]` of the data in sight. */
  readonly yRange: uPlot.Range.MinMax | uPlot.Range.Function
  readonly logarithmic?: boolean
  /** The stretch of x that is shown while nobody has zoomed in. */
  readonly span: () => Span
  /** Draws below and above the lines. */
  readonly below?: (plot: uPlot) => void
  readonly above?: (plot: uPlot) => void
  /** The point under the cursor, or the keyboard's; null when it leaves. Also after new data. */
  readonly onPoint: (index: number | null) => void
}

export interface Plot {
  draw(columns: Columns): void
  /** Moves the crosshair to the row at `index`; null takes it away. */
  point(index: number | null): void
  /** As `point`, for what is read elsewhere: `onPoint` hears nothing of it. */
  mark(index: number | null): void
  /** Back from a zoom to the newest data. */
  follow(): void
  destroy(): void
}

/** Half a window above and below: whoever scrolls there finds it drawn. */
const NEARLY_IN_SIGHT = '50%'

/** uPlot declares its names for these as a const enum, which has no value at run time. */
// eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment -- see above
const LOGARITHMIC = 3 as uPlot.Scale.Distr.Logarithmic

export function createPlot(parent: HTMLElement, options: PlotOptions): Plot {
  let zoom: Span | null = null
  let columns: Columns | null = null
  let inSight = true
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
        // A double click goes back to live; uPlot's own would fit all data instead.
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
        setCursor: [(self) => tell(self.cursor.idx ?? null)],
        setSelect: [zoomIn],
      },
    },
    undefined,
    parent,
  )

  function tell(index: number | null) {
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
    if (!columns || !inSight) return
    plot.setData(columns)
    // The mouse may rest while data moves below it: what it points at is then another value.
    if (pointed !== null) tell(plot.cursor.idx ?? pointed)
  }

  function moveTo(index: number | null, isRead: boolean) {
    const x = index === null ? undefined : columns?.[0][index]
    const left = x === undefined ? -10 : plot.valToPos(x, 'x')
    plot.setCursor({ left, top: index === null ? -10 : 0 }, isRead)
  }

  const sight = new IntersectionObserver(
    ([entry]) => {
      inSight = entry?.isIntersecting ?? true
      show()
    },
    { rootMargin: NEARLY_IN_SIGHT },
  )
  const size = new ResizeObserver(() => {
    if (parent.clientWidth > 0) plot.setSize({ width: parent.clientWidth, height: options.height })
  })
  sight.observe(parent)
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
      sight.disconnect()
      size.disconnect()
      stopTheme()
      plot.destroy()
    },
  }
}
