import { expect, test } from 'vitest';
import { MOST_ENTRIES, dropped } from './dropped';

type Tree = { [name: string]: Tree | null };

/** A folder or file as browsers give it, a hundred at a time. */
function entry(name: string, tree: Tree | null): FileSystemEntry {
  if (!tree) {
    const file = (done: (file: File) => void, failed: () => void) =>
      name.startsWith('lost') ? failed() : done(new File(['x'], name));
    return { isFile: true, isDirectory: false, name, file } as unknown as FileSystemEntry;
  }
  const createReader = () => {
    const left = Object.entries(tree).map(([name, below]) => entry(name, below));
    return { readEntries: (done: (some: FileSystemEntry[]) => void) => done(left.splice(0, 100)) };
  };
  return { isFile: false, isDirectory: true, name, createReader } as unknown as FileSystemEntry;
}

function transfer(tree: Tree): DataTransfer {
  const items = Object.entries(tree).map(([name, below]) => ({
    kind: 'file',
    webkitGetAsEntry: () => entry(name, below),
  }));
  const files = Object.keys(tree).map((name) => new File(['x'], name));
  return { items, files } as unknown as DataTransfer;
}

const fits = (name: string) => !name.endsWith('.txt');
const names = async (tree: Tree) => (await dropped(transfer(tree), fits)).map((file) => file.name);

test('files are taken as they come', async () => {
  expect(await names({ 'b.jpg': null, 'a.txt': null })).toEqual(['b.jpg', 'a.txt']);
  expect(await dropped(null, fits)).toEqual([]);
});

test('a folder gives what fits in the order in which people read names, hidden files left out', async () => {
  const tree = {
    'p10.jpg': null,
    'p9.jpg': null,
    '.DS_Store': null,
    'notes.txt': null,
    deep: { 'z.png': null, 'lost.png': null },
  };
  expect(await names({ print: tree, 'one.txt': null })).toEqual(['z.png', 'p9.jpg', 'p10.jpg', 'one.txt']);
});

test('a folder of more than a hundred is read to its end, and a huge one ends somewhere', async () => {
  const many = (n: number) => Object.fromEntries(Array.from({ length: n }, (_, at) => [`${at}.jpg`, null]));
  expect((await names({ print: many(250) })).length).toBe(250);
  expect((await names({ home: many(MOST_ENTRIES + 10) })).length).toBeLessThan(MOST_ENTRIES);
});
