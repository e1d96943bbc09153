// What the reader has chosen for this browser: kept in its storage and shared by all tabs.
import { browserStorage, onStorageChange } from './browser-storage.ts'

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
  #choices = $state.raw<Choices>(read(browserStorage.read(KEY)))

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
    browserStorage.write(KEY, JSON.stringify(this.#choices))
  }

  /** From system to light, to dark, and back to system. */
  nextTheme(): void {
    const next = THEMES[(THEMES.indexOf(this.theme) + 1) % THEMES.length] ?? 'system'
    this.choose({ theme: next })
  }

  /** Sets theme and price colours on the root element and follows the system's theme; for `$effect`. */
  applyTo(root: HTMLElement): () => void {
    const system = matchMedia('(prefers-color-scheme: dark)')
    const isDark = () => this.theme === 'dark' || (this.theme === 'system' && system.matches)
    const apply = () => {
      root.dataset.theme = isDark() ? 'dark' : 'light'
      root.dataset.colours = this.colours
    }
    apply()
    system.addEventListener('change', apply)
    return () => system.removeEventListener('change', apply)
  }

  /** Follows choices made in other tabs; for `$effect`. */
  followTabs(): () => void {
    return onStorageChange(KEY, (stored) => (this.#choices = read(stored)))
  }
}

/** The stored value may be old or edited: an invalid choice becomes the default. */
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

/** `wanted` if it is one of `values`, else the first of them. */
function oneOf<const Value>(
  values: readonly [Value, ...Value[]] | readonly Value[],
  wanted: unknown,
) {
  return values.find((value) => value === wanted) ?? values[0]
}
