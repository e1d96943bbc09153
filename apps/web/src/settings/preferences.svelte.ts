// What the reader has chosen for this browser: kept by it, followed by all tabs.
import { keep } from './browser-storage.ts'

export type Theme = 'system' | 'light' | 'dark'
export type Colours = 'green-up' | 'red-up'
export type Announcements = 'off' | 'status' | 'milestones'

interface Choices {
  theme: Theme
  colours: Colours
  announcements: Announcements
  shortcuts: boolean
}

/** public/theme.js reads the same key before the first paint. */
const KEY = 'downlink.preferences'
const THEMES: readonly Theme[] = ['system', 'light', 'dark']

export class Preferences {
  #choices = $state.raw<Choices>(read(keep.read(KEY)))

  get theme(): Theme {
    return this.#choices.theme
  }

  get colours(): Colours {
    return this.#choices.colours
  }

  get announcements(): Announcements {
    return this.#choices.announcements
  }

  get shortcuts(): boolean {
    return this.#choices.shortcuts
  }

  choose(change: Partial<Choices>): void {
    this.#choices = { ...this.#choices, ...change }
    keep.write(KEY, JSON.stringify(this.#choices))
  }

  /** System, light, dark, and round again. */
  nextTheme(): void {
    const next = THEMES[(THEMES.indexOf(this.theme) + 1) % THEMES.length] ?? 'system'
    this.choose({ theme: next })
  }

  /** Writes the choices onto the page's root and follows the system's theme; for `$effect`. */
  dress(root: HTMLElement): () => void {
    const system = matchMedia('(prefers-color-scheme: dark)')
    const dark = () => this.theme === 'dark' || (this.theme === 'system' && system.matches)
    const paint = () => {
      root.dataset.theme = dark() ? 'dark' : 'light'
      root.dataset.colours = this.colours
    }
    paint()
    system.addEventListener('change', paint)
    return () => system.removeEventListener('change', paint)
  }

  /** Another tab's choice holds here too; for `$effect`. */
  follow(): () => void {
    const onStorage = (event: StorageEvent) => {
      if (event.key === KEY) this.#choices = read(event.newValue)
    }
    addEventListener('storage', onStorage)
    return () => removeEventListener('storage', onStorage)
  }
}

/** What is stored may be old or edited: each choice that is not one of ours becomes the default. */
function read(stored: string | null): Choices {
  const value = parse(stored)
  return {
    theme: oneOf(THEMES, value.theme),
    colours: oneOf(['green-up', 'red-up'], value.colours),
    announcements: oneOf(['status', 'off', 'milestones'], value.announcements),
    shortcuts: value.shortcuts !== false,
  }
}

function parse(stored: string | null): Partial<Record<keyof Choices, unknown>> {
  try {
    const value: unknown = JSON.parse(stored ?? '{}')
    return typeof value === 'object' && value !== null ? value : {}
  } catch {
    return {}
  }
}

function oneOf<const Value>(
  values: readonly [Value, ...Value[]] | readonly Value[],
  wanted: unknown,
) {
  return values.find((value) => value === wanted) ?? values[0]
}
