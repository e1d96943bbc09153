/** Loads what tabs need to share a connection, only where it was asked for and can work. */
import { createConnection, type Connection, type ConnectionListener } from './connection.ts'
import type { Settings } from './link-options.ts'

/** Whether sharing was asked for, and the platform has Web Locks (secure pages only) and BroadcastChannel. */
export function canShare(share: boolean | string | undefined): boolean {
  const scope = globalThis as {
    navigator?: { locks?: unknown }
    BroadcastChannel?: unknown
    document?: unknown
  }
  return (
    share !== undefined &&
    share !== false &&
    scope.document !== undefined &&
    scope.navigator?.locks !== undefined &&
    scope.BroadcastChannel !== undefined
  )
}

/** The shared connection once its code is loaded; a connection of this tab's own where that fails. */
export function createSharedLater(settings: Settings, listener: ConnectionListener): Connection {
  let connection: Connection | undefined
  let wanted: readonly string[] = []
  let closed = false
  const name = `downlink ${settings.url.href} ${String(settings.share)}`
  void import('./share.ts')
    .then(
      ({ createSharedConnection }) => createSharedConnection(name, settings, listener),
      () => createConnection(settings, listener),
    )
    .then((loaded) => {
      if (closed) return
      connection = loaded
      if (wanted.length > 0) connection.want(wanted)
    })

  return {
    want(topics) {
      wanted = topics
      if (connection) connection.want(topics)
      else if (topics.length === 0) listener.onStatus({ state: 'idle' })
      else listener.onStatus({ state: 'connecting', since: settings.clock.now() })
    },
    moveTo: (place) => connection?.moveTo(place),
    retryNow: () => connection?.retryNow(),
    close() {
      closed = true
      connection?.close()
    },
  }
}
