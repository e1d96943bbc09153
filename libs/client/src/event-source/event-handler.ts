/** Event handler attributes such as `onopen`. https://html.spec.whatwg.org/multipage/webappapis.html#event-handlers */

export interface EventHandler {
  get(): unknown
  /** Keeps any object, callable or not, as the standard's `EventHandler` type does. Anything else becomes null. */
  set(value: unknown): void
}

/**
 * The handler of one target for one event type. It is called at its place among the listeners, where it was first set,
 * and keeps that place when it is replaced.
 */
export function createEventHandler(target: EventTarget, type: string): EventHandler {
  let handler: unknown = null

  return {
    get: () => handler,
    set(value) {
      handler = typeof value === 'object' || typeof value === 'function' ? value : null
      if (handler === null) target.removeEventListener(type, callHandler)
      else target.addEventListener(type, callHandler)
    },
  }

  function callHandler(event: Event): void {
    if (typeof handler === 'function') Reflect.apply(handler, target, [event])
  }
}
