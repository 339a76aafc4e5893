import js from '@eslint/js';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';
import { tiers } from './eslint.tiers.js';
import svelteConfig from './svelte.config.js';

export default ts.config(
  { ignores: ['dist', 'node_modules', 'src/lib/bindings'] },
  js.configs.recommended,
  ...ts.configs.recommendedTypeChecked,
  ...svelte.configs.recommended,
  {
    languageOptions: {
      globals: { ...globals.browser },
      parserOptions: { projectService: true, extraFileExtensions: ['.svelte'] },
    },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      'svelte/no-at-html-tags': 'error',
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            { group: ['@tauri-apps/*'], message: 'Only src/lib/desktop talks to the desktop shell.' },
          ],
        },
      ],
      'max-lines': ['error', { max: 200, skipBlankLines: false }],
    },
  },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: ts.parser, svelteConfig } },
    // ESLint does not see the types of components; svelte-check does, and forbids `any` there.
    rules: {
      'svelte/no-navigation-without-resolve': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      // Plain maps and dates are meant: what is reactive says so.
      'svelte/prefer-svelte-reactivity': 'off',
    },
  },
  // Tests may reach for what they compare with.
  {
    files: ['src/lib/**'],
    ignores: ['**/*.test.ts', 'src/lib/bindings/**'],
    plugins: { page: tiers },
    rules: { 'page/tiers': 'error' },
  },
  { files: ['src/lib/desktop/**'], rules: { 'no-restricted-imports': 'off' } },
  { files: ['**/*.ts', '**/*.mjs'], rules: { 'max-lines': ['error', 400] } },
  {
    files: ['*.js', '*.ts', 'dev/**'],
    ...ts.configs.disableTypeChecked,
    languageOptions: { globals: { ...globals.node }, parserOptions: { projectService: false } },
  },
);
