// Rules of the UI that no type holds.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Linter } from 'eslint';
import { expect, test } from 'vitest';
import { tiers } from '../eslint.tiers.js';

const ROOT = join(import.meta.dirname);
const files = readdirSync(ROOT, { recursive: true, encoding: 'utf8' })
  .filter((f) => /\.(svelte|ts|css)$/.test(f) && !f.includes('bindings') && !f.endsWith('.test.ts'))
  .map((name) => ({ name, text: readFileSync(join(ROOT, name), 'utf8') }));

const where = (pattern: RegExp) =>
  files.filter((f) => pattern.test(f.text)).map((f) => f.name.replaceAll('\\', '/'));

test('only the desktop part knows of the shell', () => {
  expect(where(/from '@tauri-apps/).filter((f) => !f.startsWith('lib/desktop/'))).toEqual([]);
});

test('texts are text: no markup is made of words', () => {
  expect(where(/\{@html|innerHTML|outerHTML/)).toEqual([]);
});

test('solid red is STOP and nothing else', () => {
  expect(where(/var\(--stop(-hover)?\)/)).toEqual(['lib/components/StopButton.svelte']);
});

test('colours have names: only the tokens hold figures', () => {
  const loose = where(/#[0-9a-f]{6}\b/i);
  expect(loose).toEqual(['styles/tokens.css']);
});

test('no style in attributes: the page is served without leave for them', () => {
  expect(where(/\sstyle="/)).toEqual([]);
});

test('nothing is fetched from elsewhere', () => {
  expect(where(/https:\/\/[a-z0-9]/i)).toEqual([]);
});

test('no words of the core are written by hand', () => {
  // `type Role = 'view' | 'operate'`: such a type is derived in Rust and lies in the bindings.
  const own = files
    .filter((f) => /^lib[\\/]api[\\/]/.test(f.name))
    .flatMap((f) => [...f.text.matchAll(/type (\w+)[^;=]*=\s*\|?\s*'/g)].map((found) => found[1]));
  expect(own).toEqual([]);
});

test('what is sent to the core and comes from it is generated, not written by hand', () => {
  const own = files
    .filter((f) => /^lib[\\/]api[\\/]/.test(f.name))
    .flatMap((f) => [...f.text.matchAll(/export interface (\w+)/g)].map((found) => found[1]));
  // The window's word of where the core is, queries, what a form holds, and the socket of a browser.
  expect(own.toSorted()).toEqual([
    'Connection',
    'LiveHandlers',
    'PrintChoice',
    'Query',
    'Socket',
    'UploadTo',
  ]);
});

test('a folder imports only what its tier may use', () => {
  const linter = new Linter({ cwd: join(ROOT, '..') });
  const told = (file: string, code: string) =>
    linter
      .verify(
        code,
        [{ files: ['**/*.ts'], plugins: { page: tiers }, rules: { 'page/tiers': 'error' } }],
        join(ROOT, 'lib', file),
      )
      .map((message) => message.message.split(':')[0]);
  expect(told('prints/a.ts', "import { x } from '$lib/watch/x';")).toEqual([]);
  expect(told('prints/a.ts', "import { x } from './x';")).toEqual([]);
  expect(told('watch/a.ts', "import { x } from '$lib/prints/x';")).toEqual(['watch may not use prints']);
  expect(told('watch/a.ts', "export * from '../prints/x';")).toEqual(['watch may not use prints']);
  expect(told('components/a.ts', "import { x } from '$lib/state/x';")).toEqual([
    'components may not use state',
  ]);
  expect(told('views/a.ts', "const x = import('$lib/phone/x');")).toEqual([]);
  expect(told('new/a.ts', "import { x } from '$lib/format/x';")).toEqual([
    'The folder new has no line in eslint.tiers.js.',
  ]);
});

test('there is one client of the core and one trap of the focus', () => {
  expect(where(/new Client\(/)).toEqual(['lib/state/app.svelte.ts']);
  expect(where(/\bfetch\(/)).toEqual(['lib/api/http.ts', 'lib/api/network.ts', 'lib/licences/licences.ts']);
  expect(where(/key (!==|===) 'Tab'/)).toEqual(['lib/components/focus.ts']);
});
