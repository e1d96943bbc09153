/** The API's error class: the server could not start, and the message says what to do. */

export type StartErrorCode =
  'bad-setting' | 'port-busy' | 'cannot-listen' | 'cannot-read' | 'cannot-open'

export class StartError extends Error {
  readonly code: StartErrorCode
  /** The setting to change, such as `PORT`. */
  readonly setting: string

  constructor(code: StartErrorCode, setting: string, message: string) {
    super(message)
    this.name = 'StartError'
    this.code = code
    this.setting = setting
  }
}
