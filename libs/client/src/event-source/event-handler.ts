/** Event handler attributes: `onopen` and its kind. https://html.spec.whatwg.org/multipage/webappapis.html#event-handlers */

export interface EventHandler {
  get(): unknown
  /** Any object is kept, callable or not, as the standard's `EventHandler` has it; anything else is null. */
  set(value: unknown): void
}

/**
 * The handler of one target for events of one type. It takes its turn among the listeners where it was first set,
 * and keeps it when it is replaced.
 */
export function createEventHandler(target: EventTarget, type: string): EventHandler {
  let handler: unknown = null

  return {
    get: () => handler,
    set(value) {
      handler = typeof value === 'object' || typeof value === 'function' ? value : null
      if (handler === null) target.removeEventListener(type, run)
      else target.addEventListener(type, run)
    },
  }

  function run(event: Event): void {
    if (typeof handler === 'function') Reflect.apply(handler, target, [event])
  }
}
