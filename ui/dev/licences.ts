// Collects the licences of what the app carries, for `licences.json` beside the page: Rust packages that are linked in, npm
// packages of the page, ONNX Runtime, and the model. Reads only what is on this machine.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';

const UI = fileURLToPath(new URL('..', import.meta.url));
const ROOT = join(UI, '..');
const IS_LICENCE = /^(un)?licen[cs]e|^copying|^copyright|^notice/i;
/** Packages of ours that a person starts. */
const PROGRAMS = ['vigil', 'printvigil'];

interface Part {
  name: string;
  version: string;
  licence: string;
  kind: string;
  home: string;
  texts: string[];
  note: string;
}

/** What `cargo metadata` says, as far as it is read. */
interface Metadata {
  packages: {
    id: string;
    name: string;
    version: string;
    source: string | null;
    license: string | null;
    repository: string | null;
    homepage: string | null;
    authors: string[];
    manifest_path: string;
  }[];
  resolve: { nodes: { id: string; deps: { pkg: string; dep_kinds: { kind: string | null }[] }[] }[] };
}

/** A `package.json`, as far as it is read. */
interface Package {
  version: string;
  license: string;
  dependencies: Record<string, string>;
  repository?: string | { url: string };
}

const read = (file: string) => readFileSync(file, 'utf8').replaceAll('\r\n', '\n').trim();

/**
 * The licence files of a package: at its top, else one folder down, where the sources of others lie.
 */
export function textsIn(dir: string): string[] {
  const here = (at: string) =>
    readdirSync(at)
      .filter((name) => IS_LICENCE.test(name) && !/\.(rs|js|ts|json|toml)$/.test(name))
      .map((name) => join(at, name))
      .filter((file) => statSync(file).isFile())
      .sort()
      .map(read);
  const top = here(dir);
  const below = readdirSync(dir, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return top.length > 0 ? top : below.flatMap((entry) => here(join(dir, entry.name)));
}

/** What is linked into the programs, for the system that this runs on. */
function rustParts(): Part[] {
  const said = (program: string, args: string[]) =>
    execFileSync(program, args, { cwd: ROOT, encoding: 'utf8', maxBuffer: 256 * 1024 * 1024 });
  const host = /^host: (.+)$/m.exec(said('rustc', ['-vV']))?.[1] ?? '';
  const data = JSON.parse(
    said('cargo', ['metadata', '--format-version', '1', '--locked', '--filter-platform', host]),
  ) as Metadata;
  const nodes = new Map(data.resolve.nodes.map((node) => [node.id, node]));
  const linked = new Set<string>();
  let open = data.packages.filter((one) => !one.source && PROGRAMS.includes(one.name)).map((one) => one.id);
  while (open.length > 0) {
    open.forEach((id) => linked.add(id));
    const below = open.flatMap((id) => nodes.get(id)?.deps ?? []);
    const kept = below.filter((to) => to.dep_kinds.some((kind) => kind.kind === null)).map((to) => to.pkg);
    open = [...new Set(kept)].filter((id) => !linked.has(id));
  }
  return data.packages
    .filter((one) => one.source && linked.has(one.id))
    .map((one) => ({
      name: one.name,
      version: one.version,
      licence: one.license ?? 'see its text',
      kind: 'Rust',
      home: one.repository ?? one.homepage ?? '',
      texts: textsIn(dirname(one.manifest_path)),
      note: one.authors.join(', '),
    }));
}

/** What is in the page. */
function pageParts(): Part[] {
  const own = JSON.parse(read(join(UI, 'package.json'))) as Package;
  // Svelte's runtime is in the page though it is a tool of the build.
  return [...Object.keys(own.dependencies), 'svelte'].map((name) => {
    const dir = join(UI, 'node_modules', name);
    const one = JSON.parse(read(join(dir, 'package.json'))) as Package;
    const home = typeof one.repository === 'string' ? one.repository : (one.repository?.url ?? '');
    return {
      name,
      version: one.version,
      licence: one.license,
      kind: 'Page',
      home: home.replace(/^git\+/, '').replace(/\.git$/, ''),
      texts: textsIn(dir),
      note: '',
    };
  });
}

/** What is neither. */
function otherParts(): Part[] {
  const runtime = join(UI, 'licences/onnxruntime');
  return [
    {
      name: 'ONNX Runtime',
      version: '1.31.1',
      licence: 'MIT',
      kind: 'Library',
      home: 'https://github.com/microsoft/onnxruntime',
      texts: [read(join(runtime, 'LICENSE')), read(join(runtime, 'ThirdPartyNotices.txt'))],
      note: '',
    },
    {
      name: 'Detection model',
      version: '',
      licence: 'see its text',
      kind: 'Model',
      home: '',
      texts: [read(join(ROOT, 'models/LICENSE-NOTES.md'))],
      note: '',
    },
    {
      name: 'SQLite',
      version: '',
      licence: 'Public domain',
      kind: 'Library',
      home: 'https://sqlite.org',
      texts: ['The author disclaims copyright to this source code.'],
      note: '',
    },
  ];
}

/**
 * Gives those that bring no text the one of another package with the same terms, without whose copyright it is.
 */
export function filled(parts: readonly Part[]): Part[] {
  return parts.map((part) => {
    if (part.texts.length > 0) return part;
    const terms = (part.licence.split(/\s+OR\s+|\//)[0] ?? '').trim();
    const like = parts.find((other) => other.licence === terms && other.texts.length === 1);
    const text = like?.texts[0]?.replace(/^.*(copyright \(c\)|all rights reserved).*$/gim, '').trim();
    const note = `The package brings no text of its licence; this is that of ${terms}. Authors: ${part.note || 'see its source'}.`;
    return { ...part, texts: text ? [text] : [], note };
  });
}

/**
 * Each text once: packages name theirs by number.
 */
export function packed(parts: readonly Part[]) {
  const texts: string[] = [];
  const numbers = new Map<string, number>();
  const number = (text: string): number => {
    // The same licence is often broken into lines in other places.
    const key = text.replaceAll(/\s+/g, ' ');
    const known = numbers.get(key) ?? texts.push(text) - 1;
    numbers.set(key, known);
    return known;
  };
  const sorted = parts.toSorted(
    (a, b) => a.name.localeCompare(b.name, 'en') || a.version.localeCompare(b.version, 'en'),
  );
  return { parts: sorted.map((part) => ({ ...part, texts: part.texts.map(number) })), texts };
}

export const collect = () => packed(filled([...otherParts(), ...pageParts(), ...rustParts()]));

/** Writes the file beside the page when it is built. */
export const licences = (): Plugin => ({
  name: 'licences',
  apply: 'build',
  generateBundle() {
    const all = collect();
    const bare = all.parts.filter((part) => part.texts.length === 0).map((part) => part.name);
    if (bare.length > 0) this.error(`there is no text of the licence of: ${bare.join(', ')}`);
    this.emitFile({ type: 'asset', fileName: 'licences.json', source: JSON.stringify(all) });
  },
});
