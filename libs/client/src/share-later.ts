/** Loads what tabs need to share a connection, only where it was asked for. */
import { createConnection, type Connection, type ConnectionListener } from './connection.ts'
import type { Settings } from './link-options.ts'

/** The shared connection once its code is loaded; a connection of this tab's own where that fails. */
export function createSharedLater(settings: Settings, listener: ConnectionListener): Connection {
  let closed = false
  const loading = import('./share.ts').then(
    ({ createSharedConnection }) => createSharedConnection(settings, listener),
    () => createConnection(settings, listener),
  )
  const later = (act: (connection: Connection) => void): void =>
    void loading.then((connection) => {
      if (!closed) act(connection)
    })

  return {
    want: (topics) => later((connection) => connection.want(topics)),
    retryNow: () => later((connection) => connection.retryNow()),
    close() {
      void loading.then((connection) => connection.close())
      closed = true
    },
  }
}
