/** Event handler attributes: `onopen` and its kind. https://html.spec.whatwg.org/multipage/webappapis.html#event-handlers */

export interface EventHandlers {
  get(type: string): unknown
  /** Any object is kept, callable or not, as the standard's `EventHandler` has it; anything else is null. */
  set(type: string, handler: unknown): void
}

/**
 * The handlers of one target. A handler takes its turn among the listeners where it was first set, and
 * keeps it when it is replaced.
 */
export function createEventHandlers(target: EventTarget): EventHandlers {
  const handlers = new Map<string, object>()

  return {
    get: (type) => handlers.get(type) ?? null,
    set(type, handler) {
      if ((typeof handler !== 'object' && typeof handler !== 'function') || handler === null) {
        handlers.delete(type)
        target.removeEventListener(type, run)
        return
      }
      handlers.set(type, handler)
      target.addEventListener(type, run)
    },
  }

  function run(event: Event): void {
    const handler = handlers.get(event.type)
    if (typeof handler === 'function') Reflect.apply(handler, target, [event])
  }
}
