// The state of the whole page: one connection, a panel for each stream, and what the reader has chosen.
import type { LinkStatus, WireFrame } from '@downlink/client'
import type { UnpackFailure } from '@downlink/protocol'
import { Crosshair } from '../charts/crosshair.svelte.ts'
import { measureClockOffset, type ClockOffset } from '../connection/clock-offset.ts'
import type { Connect, PageLink, Transport } from '../connection/connect.ts'
import { ConnectionModel } from '../connection/connection.svelte.ts'
import { createJournal } from '../connection/journal.ts'
import { createStreamReader } from '../connection/stream-reader.ts'
import { addFailure, type Problem } from '../panel/problem.ts'
import type { StreamModel, StreamPanel } from '../panel/stream-panel.ts'
import { Preferences } from '../settings/preferences.svelte.ts'
import { View } from '../settings/view.svelte.ts'
import { Announcer } from './announcer.svelte.ts'

export interface DashboardOptions {
  /** The table of streams; one panel for each. */
  readonly streams: readonly StreamPanel[]
  readonly connect: Connect
  /** The query of the address. */
  readonly search?: string
  readonly fetch?: typeof fetch
}

export interface DashboardPanel {
  readonly definition: StreamPanel
  readonly model: StreamModel
}

/** Clocks drift slowly. */
const MEASURE_CLOCK_EVERY_MS = 300_000

export class Dashboard {
  readonly view: View
  readonly preferences = new Preferences()
  readonly announcer = new Announcer()
  readonly connection = new ConnectionModel()
  /** The moment that is read on one chart, for the others. */
  readonly crosshair = new Crosshair()
  /** The received frames, for the events drawer. */
  readonly journal = createJournal()
  readonly fetch: typeof fetch
  readonly panels: readonly DashboardPanel[]
  readonly #connectLink: Connect
  #problems = $state.raw<Readonly<Record<string, Problem>>>({})
  #link: PageLink | null = null
  #disconnect: (() => void) | null = null
  #isOpen = false

  constructor({ streams, connect, search, fetch: send }: DashboardOptions) {
    const ids = streams.map(({ contract }) => contract.topic)
    this.view = new View(search ?? location.search, ids)
    this.fetch = send ?? ((input, init) => fetch(input, init))
    this.#connectLink = connect
    this.panels = streams.map((definition) => ({
      definition,
      model: definition.createModel(this),
    }))
    for (const { definition, model } of this.panels) {
      if (this.view.current.paused.includes(definition.contract.topic))
        model.live.freeze(Date.now())
    }
  }

  /** By topic: the events that a panel could not read. */
  get problems(): Readonly<Record<string, Problem>> {
    return this.#problems
  }

  get allPaused(): boolean {
    return this.panels.every(({ model }) => model.live.pause !== null)
  }

  /** Events received since all panels were paused; null unless all of them are. */
  get unseen(): number | null {
    if (!this.allPaused) return null
    return this.panels.reduce((sum, { model }) => sum + (model.live.pause?.unseen ?? 0), 0)
  }

  get lastEventId(): string {
    return this.#link?.lastEventId ?? ''
  }

  /** Connects and measures the server's clock; returns a function that ends both. */
  open(): () => void {
    this.#isOpen = true
    void this.#start(this.#measureClock())
    const stops = this.panels.map(({ model }) => model.followTabs?.())
    const timer = setInterval(() => void this.#measureClock(), MEASURE_CLOCK_EVERY_MS)
    return () => {
      this.#isOpen = false
      clearInterval(timer)
      for (const stop of stops) stop?.()
      this.#disconnect?.()
    }
  }

  retry(): void {
    this.#link?.retryNow()
  }

  pause(topic: string, paused: boolean): void {
    for (const { definition, model } of this.panels) {
      if (definition.contract.topic === topic) setPaused(model, paused)
    }
    this.#savePaused()
  }

  pauseAll(paused: boolean): void {
    for (const { model } of this.panels) setPaused(model, paused)
    this.#savePaused()
  }

  toggleDrawer(): void {
    this.view.choose({ drawer: !this.view.current.drawer })
  }

  /** Continues with another transport after the last event. */
  async setTransport(transport: Transport): Promise<void> {
    await this.#connect(this.lastEventId, transport)
  }

  #savePaused(): void {
    const paused = this.panels.filter(({ model }) => model.live.pause !== null)
    this.view.choose({ paused: paused.map(({ definition }) => definition.contract.topic) })
  }

  async #start(clockOffset: Promise<ClockOffset | null>): Promise<void> {
    const preparing = this.panels.flatMap(({ model }) => model.prepare?.(clockOffset) ?? [])
    await Promise.all(preparing)
    if (!this.#isOpen) return
    const { transport } = this.view.current
    if (!(await this.#connect('', transport))) await this.#connect('', 'fetch')
  }

  /** Replaces the link, once the new one is there. Returns false if it could not be loaded. */
  async #connect(lastEventId: string, transport: Transport): Promise<boolean> {
    const onFrame = ({ text, bytes, receivedAt }: WireFrame) => {
      this.connection.onBytes(receivedAt, bytes)
      this.journal.frame(text, bytes, receivedAt, transport === 'fetch')
    }
    let link: PageLink
    try {
      link = await this.#connectLink({ transport, lastEventId, onFrame })
    } catch {
      this.announcer.announce('This transport could not be loaded. Try again.', 'assertive')
      return false
    }
    this.#disconnect?.()
    if (!this.#isOpen) {
      link.close()
      return false
    }
    if (transport !== this.view.current.transport) this.view.choose({ transport })
    this.#link = link
    this.#onStatus(link.status)
    const stopStatus = link.onStatus((status) => this.#onStatus(status))
    this.connection.clearTopics()
    for (const panel of this.panels) this.#subscribe(panel, link)
    this.#disconnect = () => {
      stopStatus()
      link.close()
      this.#link = null
    }
    return true
  }

  #subscribe({ definition, model }: DashboardPanel, link: PageLink): void {
    const { topic } = definition.contract
    const onInvalid = (failure: UnpackFailure) => {
      this.#problems = { ...this.#problems, [topic]: addFailure(this.#problems[topic], failure) }
    }
    model.subscribe(createStreamReader({ link, connection: this.connection, onInvalid }))
  }

  #onStatus(status: LinkStatus): void {
    const at = Date.now()
    const note = this.connection.onStatus(status, at)
    if (note) this.journal.note(note.kind, note.text, at)
    if (status.state !== 'failed') return
    for (const { model } of this.panels) model.onLinkFailed?.()
  }

  /** A failed measurement keeps the offset measured before. */
  async #measureClock(): Promise<ClockOffset | null> {
    const offset = await measureClockOffset('/time', this.fetch)
    if (offset) this.connection.offset = offset
    return offset
  }
}

function setPaused({ live }: StreamModel, paused: boolean): void {
  if (paused) live.freeze(Date.now())
  else live.resume()
}
