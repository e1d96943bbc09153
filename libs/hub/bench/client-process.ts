/** The clients, in a separate process that is controlled over IPC. */
import { openLoad, type Load, type LoadOptions, type LoadReport } from '../../../tools/load/load.ts'

export type ToClient =
  | { readonly kind: 'open'; readonly options: LoadOptions }
  | { readonly kind: 'reset' }
  | { readonly kind: 'count'; readonly events: number; readonly timeoutMs: number }

export type FromClient =
  | { readonly kind: 'opened' }
  | { readonly kind: 'reset' }
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'counted'; readonly report: LoadReport }

let load: Load | undefined

process.on('message', (message: ToClient) => {
  if (message.kind === 'open') {
    load = openLoad(message.options)
    load.opened.then(
      () => tell({ kind: 'opened' }),
      (error: unknown) => tell({ kind: 'failed', reason: String(error) }),
    )
  } else if (message.kind === 'reset') {
    load?.reset()
    tell({ kind: 'reset' })
  } else {
    void load?.counted(message.events, message.timeoutMs).then((report) => {
      tell({ kind: 'counted', report })
    })
  }
})
process.on('disconnect', () => process.exit())

function tell(message: FromClient): void {
  process.send?.(message)
}
