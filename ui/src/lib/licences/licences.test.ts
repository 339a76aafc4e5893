import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { filled, packed, textsIn } from '../../../dev/licences';
import { found, type Licences } from './licences';

const UI = join(import.meta.dirname, '../../..');
const part = (name: string, licence: string, texts: string[], note = '') => ({
  name,
  version: '1.0.0',
  licence,
  kind: 'Rust',
  home: '',
  texts,
  note,
});

test('a text that several packages have is kept once', () => {
  const all = packed([
    part('b', 'MIT', ['Permission is\ngranted']),
    part('a', 'MIT', ['Permission is granted']),
  ]);
  expect(all.texts).toHaveLength(1);
  expect(all.parts.map((one) => [one.name, one.texts])).toEqual([
    ['a', [0]],
    ['b', [0]],
  ]);
});

test('a package without a text gets the one of its terms, and says so', () => {
  const [, bare] = filled([
    part('a', 'MIT', ['MIT License\nCopyright (c) 2020 Somebody\nPermission is granted']),
    part('b', 'MIT OR Apache-2.0', [], 'Who wrote it'),
  ]);
  expect(bare?.texts[0]).toContain('Permission is granted');
  expect(bare?.texts[0]).not.toContain('Somebody');
  expect(bare?.note).toContain('Who wrote it');
});

test('the licence files of a package are found', () => {
  expect(textsIn(join(UI, 'licences/onnxruntime')).join('\n')).toContain('Microsoft Corporation');
});

test('parts are found by name and by licence', () => {
  const parts = packed([part('serde', 'MIT', []), part('cssparser', 'MPL-2.0', [])]).parts;
  expect(found(parts, 'SER').map((one) => one.name)).toEqual(['cssparser', 'serde']);
  expect(found(parts, 'mpl').map((one) => one.name)).toEqual(['cssparser']);
});

test('the page that was built carries a text for each part', ({ skip }) => {
  const file = join(UI, 'dist/licences.json');
  if (!existsSync(file)) skip('the page is not built');
  const all = JSON.parse(readFileSync(file, 'utf8')) as Licences;
  const names = all.parts.map((one) => one.name);
  expect(names).toEqual(
    expect.arrayContaining(['ONNX Runtime', 'Detection model', 'svelte', 'three', 'tokio']),
  );
  expect(all.parts.filter((one) => one.texts.length === 0)).toEqual([]);
  expect(all.parts.flatMap((one) => one.texts).every((n) => n < all.texts.length)).toBe(true);
});
