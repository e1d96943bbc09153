import js from '@eslint/js'
import svelte from 'eslint-plugin-svelte'
import { includeIgnoreFile } from 'eslint/config'
import globals from 'globals'
import { fileURLToPath } from 'node:url'
import tseslint from 'typescript-eslint'
import { boundaries } from './tools/boundaries.js'

export default tseslint.config(
  // What git ignores is written by builds and tests.
  includeIgnoreFile(fileURLToPath(new URL('.gitignore', import.meta.url))),
  // tools/consumer stands for an app outside the workspace: tools/packages.heavy.test.mjs compiles and runs it there.
  { ignores: ['tools/consumer/'] },
  js.configs.recommended,
  {
    files: ['**/*.ts', '**/*.svelte'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: {
        projectService: true,
        extraFileExtensions: ['.svelte'],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
    },
  },
  svelte.configs.recommended,
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: tseslint.parser } },
    rules: { 'svelte/no-at-html-tags': 'error' },
  },
  {
    files: [
      'tools/**',
      '*.js',
      '**/*.config.ts',
      'apps/api/**',
      'apps/e2e/**',
      'libs/hub/**',
      'libs/log-lmdb/**',
    ],
    languageOptions: { globals: globals.node },
  },
  {
    // Playwright's fixtures name what they need by destructuring, also where that is nothing.
    files: ['apps/e2e/**'],
    rules: { 'no-empty-pattern': ['error', { allowObjectPatternsAsParameters: true }] },
  },
  { files: ['apps/web/**'], languageOptions: { globals: globals.browser } },
  ...boundaries,
)
