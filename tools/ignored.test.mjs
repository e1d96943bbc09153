import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ESLint } from 'eslint'
import { getFileInfo } from 'prettier'
import { describe, expect, it } from 'vitest'
import { root } from './run.mjs'

const ignoredFolders = readFileSync(join(root, '.gitignore'), 'utf8')
  .split('\n')
  .filter((name) => name !== '' && !name.startsWith('*'))
const ignorePath = ['.gitignore', '.prettierignore'].map((name) => join(root, name))

// The first lookup loads the ESLint configuration, which takes seconds on a busy machine.
describe.each(ignoredFolders)(
  'a file that a build or a test writes to %s',
  { timeout: 60_000 },
  (folder) => {
    // A pattern that begins with a slash names a folder at the root only.
    const projects = folder.startsWith('/') ? [''] : ['', 'apps/api', 'libs/hub', 'tools']
    it.each(projects)('is neither linted nor formatted in "%s"', async (project) => {
      const file = join(root, project, folder, 'written.ts')
      expect(await new ESLint({ cwd: root }).isPathIgnored(file)).toBe(true)
      expect((await getFileInfo(file, { ignorePath })).ignored).toBe(true)
    })
  },
)
