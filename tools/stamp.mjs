// Files that record what was installed or built, and clear words for a folder that cannot be written.
import { accessSync, constants, existsSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { root } from './run.mjs'

/**
 * Throws one line when this user cannot write `path`, or create it where it does not exist yet.
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
        'Run `npm start` once as a user who can, or make the folder writable.',
      { cause: error },
    )
  }
}

/**
 * @param {string} path relative to the workspace
 * @param {string} text
 */
export function writeStamp(path, text) {
  requireWritable(path, 'to record what is done')
  writeFileSync(join(root, path), text)
}
