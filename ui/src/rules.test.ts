// Rules of the UI that no type holds.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname);
const files = readdirSync(ROOT, { recursive: true, encoding: 'utf8' })
  .filter((f) => /\.(svelte|ts|css)$/.test(f) && !f.includes('bindings') && !f.endsWith('.test.ts'))
  .map((name) => ({ name, text: readFileSync(join(ROOT, name), 'utf8') }));

const where = (pattern: RegExp) =>
  files.filter((f) => pattern.test(f.text)).map((f) => f.name.replaceAll('\\', '/'));

test('only the desktop part knows of the shell', () => {
  expect(where(/from '@tauri-apps/)).toEqual(['lib/desktop/index.ts']);
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
  expect(where(/https:\/\//)).toEqual([]);
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
