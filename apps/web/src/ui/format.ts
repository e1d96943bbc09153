// The format of numbers, times and durations on the page.

const MINUS = '\u2212'

export interface Formats {
  /** `41.2%` from percentages of 0 to 100. */
  percent(value: number): string
  /** `11,206` without decimals. */
  whole(value: number): string
  /** `12.4` with one decimal. */
  rate(value: number): string
  /** `$228.41`. */
  price(value: number): string
  /** `+0.42`, `−1.13` with a true minus, `±0.00`. */
  change(value: number): string
  /** `+0.18%`, `−0.63%`, `0.00%`. */
  changePercent(value: number): string
  /** `0.2184`. */
  loss(value: number): string
  /** `842 B`, `1.9 kB`, `1.6 MB`: steps of 1,000. */
  bytes(count: number): string
  /** `0:26`, `14:02`, `1:02:03` from milliseconds. */
  duration(ms: number): string
  /** `0.4 s ago` under 10 s, `12 s ago` under a minute, then the time of day. */
  age(ageMs: number, at: number): string
  /** `14:27:41` in the device's time zone, 24 hours. */
  time(at: number): string
  /** `14:27:41.252`. */
  timeExact(at: number): string
  /** `Thu, 22 Nov 2026` in a time zone that is `zoneMinutes` ahead of UTC. */
  date(at: number, zoneMinutes: number): string
  /** `UTC+1`, `UTC−3:30`, `UTC`. */
  zone(zoneMinutes: number): string
  /** A difference between two clocks: `12 ms`, `4.1 s`, `3 min`, `2 h 5 min`. */
  span(ms: number): string
}

/** Formats for a locale such as `en` or `de-DE`. An invalid locale falls back to English. */
export function createFormats(locale: string | undefined): Formats {
  const decimals = (digits: number, options: Intl.NumberFormatOptions = {}) =>
    numberFormat(locale, {
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
      ...options,
    })
  const none = decimals(0)
  const one = decimals(1)
  const two = decimals(2)
  const four = decimals(4)
  const money = decimals(2, { style: 'currency', currency: 'USD', currencyDisplay: 'narrowSymbol' })
  const clock = dateFormat(locale, { hour: '2-digit', minute: '2-digit', second: '2-digit' })
  const exact = dateFormat(locale, {
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    fractionalSecondDigits: 3,
  })
  const day = dateFormat(locale, {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    timeZone: 'UTC',
  })

  return {
    percent: (value) => `${one.format(value)}%`,
    whole: (value) => none.format(value),
    rate: (value) => one.format(value),
    price: (value) => money.format(value),
    change: (value) => signed(value, two, '±'),
    changePercent: (value) => `${signed(value, two, '')}%`,
    loss: (value) => four.format(value),
    bytes(count) {
      if (count < 1000) return `${none.format(count)} B`
      if (count < 1_000_000) return `${one.format(count / 1000)} kB`
      return `${one.format(count / 1_000_000)} MB`
    },
    duration,
    age(ageMs, at) {
      const seconds = Math.max(0, ageMs) / 1000
      if (seconds < 10) return `${one.format(seconds)} s ago`
      if (seconds < 60) return `${none.format(Math.floor(seconds))} s ago`
      return clock.format(at)
    },
    time: (at) => clock.format(at),
    timeExact: (at) => exact.format(at),
    date: (at, zoneMinutes) => day.format(at + zoneMinutes * 60_000),
    zone(zoneMinutes) {
      if (zoneMinutes === 0) return 'UTC'
      const ahead = Math.abs(zoneMinutes)
      const minutes = ahead % 60 === 0 ? '' : `:${String(ahead % 60).padStart(2, '0')}`
      return `UTC${zoneMinutes < 0 ? MINUS : '+'}${Math.floor(ahead / 60)}${minutes}`
    },
    span(ms) {
      const absolute = Math.abs(ms)
      if (absolute < 1000) return `${none.format(absolute)} ms`
      if (absolute < 60_000) return `${one.format(absolute / 1000)} s`
      const minutes = Math.round(absolute / 60_000)
      if (minutes < 60) return `${minutes} min`
      const rest = minutes % 60 === 0 ? '' : ` ${minutes % 60} min`
      return `${none.format(Math.floor(minutes / 60))} h${rest}`
    },
  }
}

/** The sign follows the printed digits: -0.001 with two decimals is zero, not negative. */
function signed(value: number, format: Intl.NumberFormat, zeroSign: string): string {
  const size = format.format(Math.abs(value))
  if (size === format.format(0)) return `${zeroSign}${size}`
  return `${value < 0 ? MINUS : '+'}${size}`
}

function duration(ms: number): string {
  const total = Math.max(0, Math.floor(ms / 1000))
  const seconds = String(total % 60).padStart(2, '0')
  const minutes = Math.floor(total / 60)
  if (minutes < 60) return `${minutes}:${seconds}`
  return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}:${seconds}`
}

function numberFormat(locale: string | undefined, options: Intl.NumberFormatOptions) {
  return new Intl.NumberFormat(validLocale(locale), options)
}

function dateFormat(locale: string | undefined, options: Intl.DateTimeFormatOptions) {
  return new Intl.DateTimeFormat(validLocale(locale), { hourCycle: 'h23', ...options })
}

/** Intl throws for an invalid tag, and `?lang=` may contain anything. */
function validLocale(locale: string | undefined): string {
  if (locale === undefined) return 'en'
  try {
    return Intl.getCanonicalLocales(locale)[0] ?? 'en'
  } catch {
    return 'en'
  }
}

const requested = new URLSearchParams(globalThis.location.search).get('lang')

/** The formats of the page: in the language of `?lang=`, or else of the browser. */
export const formats = createFormats(requested ?? globalThis.navigator.language)
