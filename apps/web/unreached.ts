// Leaves out of the build what libraries carry and this page can never reach, where tree shaking cannot see that.
import type { Plugin } from 'vite'

interface Cut {
  /** The end of the module's file name. */
  readonly file: string
  readonly why: string
  readonly found: RegExp
  readonly instead: string
}

/** Together some 9 of 76 kB gzipped: `nx bench web` holds what the page may load. */
const CUTS: readonly Cut[] = [
  {
    file: 'svelte/src/internal/client/dom/hydration.js',
    why: 'No server renders the page, so there is nothing to hydrate',
    found: /^export [^]*/m,
    instead: [
      'export const hydrating = false, hydrate_node = null',
      'export function set_hydrating() {}',
      'export function set_hydrate_node() {}',
      'export function hydrate_next() {}',
      'export function reset() {}',
      'export function hydrate_template() {}',
      'export function next() {}',
      'export function skip_nodes() {}',
      'export function read_hydration_instruction() {}',
    ].join('\n'),
  },
  {
    file: 'svelte/src/internal/client/proxy.js',
    why: 'All state is raw, which lint holds: no value is watched from within',
    found: /^export function proxy\(value\) \{/m,
    instead: '$& return value;',
  },
  {
    file: 'uplot/dist/uPlot.esm.js',
    why: 'Bars, splines, joins and other statics are there for those who name them; we do not',
    found: /^uPlot\.assign = assign;[^]*?(?=^export )/m,
    instead: '',
  },
  {
    file: 'uplot/dist/uPlot.esm.js',
    why: 'Our axes bring their own words for times',
    found: /let isTime = .*;/g,
    instead: 'const isTime = false;',
  },
  {
    file: 'uplot/dist/uPlot.esm.js',
    why: 'and their own steps',
    found: /^const \[ timeIncrsMs.*\nconst \[ timeIncrsS.*$/m,
    instead: '',
  },
  {
    file: 'uplot/dist/uPlot.esm.js',
    why: 'so that calendars are not needed',
    found: /const _tzDate {2}=[^]*?_timeSeriesStamp, _fmtDate\)\);/,
    instead: '',
  },
  {
    file: 'uplot/dist/uPlot.esm.js',
    why: 'The panels say what a line is: no legend',
    found: /const showLegend = legend\.show;/,
    instead: 'const showLegend = false;',
  },
  {
    file: 'uplot/dist/uPlot.esm.js',
    why: 'A plot keeps the series it was made with, and nobody steers it by these',
    found: /^\tself\.(addSeries|delSeries|addBand|setBand|delBand|setLegend|batch) = \w+;$/gm,
    instead: '',
  },
  {
    file: 'uplot/dist/uPlot.esm.js',
    why: 'Our lines have no dots',
    found: /^const pointsPath = points\(\) ;$/m,
    instead: 'const pointsPath = null;',
  },
  {
    file: 'uplot/dist/uPlot.esm.js',
    why: 'Every scale is given its range: none is found from the data,',
    found: /fnOrSelf\(rn \|\| \(isTime[^]*?snapNumY\)\s*\)\);/,
    instead: 'fnOrSelf(rn);',
  },
  {
    file: 'uplot/dist/uPlot.esm.js',
    why: 'nor from a part of a range,',
    found: /rn = \(self, dataMin, dataMax\) => .*rangeNum\(.*\);/,
    instead: '',
  },
  {
    file: 'uplot/dist/uPlot.esm.js',
    why: 'nor from one single point',
    found: /else if \(_min == _max\) \{[^]*?rangePad, true\);\s*\}/,
    instead: '',
  },
  {
    file: 'uplot/dist/uPlot.esm.js',
    why: 'All series of a plot share their x',
    found: /^\tconst mode = self\.mode;$/m,
    instead: 'const mode = 1;',
  },
  {
    file: 'uplot/dist/uPlot.esm.js',
    why: 'Scales are linear or logarithmic',
    found: /sc\.distr == 4 /g,
    instead: 'false ',
  },
]

/** A cut that no longer fits its library ends the build: after an update each is looked at again. */
export function leaveOutUnreached(): Plugin {
  return {
    name: 'leave-out-unreached',
    apply: 'build',
    enforce: 'pre',
    transform(code, id) {
      const cuts = CUTS.filter(({ file }) => id.endsWith(file))
      if (cuts.length === 0) return null
      for (const { file, why, found, instead } of cuts) {
        if (code.search(found) < 0)
          this.error(`${file} has changed. Look at the cut again: ${why}.`)
        code = code.replace(found, instead)
      }
      return { code, map: null }
    },
  }
}
