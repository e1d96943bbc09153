// Files that record what was installed or built, and the error for a folder that is not writable.
import { accessSync, constants, existsSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { root } from './run.mjs'

/**
 * Throws an error of one line if this user cannot write `path`, or cannot create it.
 * @param {string} path relative to the workspace
 * @param {string} purpose completes "Cannot write to …"
 */
export function requireWritable(path, purpose) {
  let target = join(root, path)
  while (!existsSync(target)) target = dirname(target)
  try {
    accessSync(target, constants.W_OK)
  } catch (error) {
    const { code } = /** @type {NodeJS.ErrnoException} */ (error)
    throw new Error(
      `Cannot write to ${target} ${purpose} (${code}). ` +
        'Run `npm start` once as a user with write access, or make the folder writable.',
      { cause: error },
    )
  }
}

/**
 * @param {string} path relative to the workspace
 * @param {string} text
 */
export function writeStamp(path, text) {
  requireWritable(path, 'to record the state of the build')
  writeFileSync(join(root, path), text)
}
