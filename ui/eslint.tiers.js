// The page in tiers: what each folder of `src/lib` may import. A rule of ESLint holds it.
//
// `components` know nothing of printers. A concept has one folder; it may use those that stand above it in the table and
// that its line names, so that there is no circle among them. `views` put them together.
import { dirname, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const LIB = fileURLToPath(new URL('./src/lib', import.meta.url));

/** What every concept and view may use. */
const BASE = ['bindings', 'components', 'locale', 'format', 'api', 'desktop', 'state'];

/** The base itself, lowest first. */
const BELOW = {
  bindings: [],
  components: [],
  locale: [],
  format: ['bindings', 'locale'],
  api: ['bindings'],
  desktop: ['api', 'bindings'],
  state: ['bindings', 'locale', 'format', 'api', 'desktop', 'components'],
};

/** One folder a concept, and which others it uses. */
const CONCEPTS = {
  preview: [],
  tools: [],
  deleted: [],
  licences: [],
  report: [],
  cameras: [],
  network: [],
  agents: [],
  notices: [],
  mqtt: [],
  machines: [],
  sound: [],
  spools: [],
  files: ['preview', 'deleted', 'cameras', 'spools'],
  watch: ['cameras'],
  prints: ['preview', 'cameras', 'files', 'watch', 'spools'],
  films: ['prints'],
  storage: ['prints'],
  tries: ['cameras', 'files', 'prints'],
  history: ['cameras', 'files', 'prints', 'spools'],
  review: ['cameras', 'watch', 'prints'],
  printers: [
    'preview',
    'sound',
    'machines',
    'tools',
    'cameras',
    'files',
    'watch',
    'prints',
    'films',
    'spools',
  ],
  settings: ['agents', 'cameras', 'watch', 'tries', 'printers'],
  wizard: ['agents', 'cameras', 'printers'],
  phone: ['cameras', 'network', 'watch', 'prints', 'films', 'printers'],
};

const names = Object.keys(CONCEPTS);
export const TIERS = {
  ...BELOW,
  ...Object.fromEntries(Object.entries(CONCEPTS).map(([name, uses]) => [name, [...BASE, ...uses]])),
  views: [...BASE, ...names],
};

const order = Object.keys(TIERS);
for (const [name, uses] of Object.entries(TIERS)) {
  const up = uses.find((used) => order.indexOf(used) >= order.indexOf(name) || !order.includes(used));
  if (up) throw new Error(`eslint.tiers.js: ${name} may use only what stands above it, not ${up}`);
}

/** The folder of `src/lib` in which a path lies; nothing for what lies outside. */
function folderOf(path) {
  const parts = relative(LIB, path).split(sep);
  return parts[0] === '..' || parts.length === 0 ? null : parts[0].replace(/\.ts$/, '');
}

function target(source, file) {
  if (source.startsWith('$lib/')) return source.slice(5).split('/')[0];
  return source.startsWith('.') ? folderOf(`${dirname(file)}${sep}${source.split('/').join(sep)}`) : null;
}

/** @type {import('eslint').Rule.RuleModule} */
const rule = {
  meta: {
    type: 'problem',
    schema: [],
    messages: {
      tier: '{{from}} may not use {{to}}: see eslint.tiers.js.',
      unknown: 'The folder {{from}} has no line in eslint.tiers.js.',
    },
  },
  create(context) {
    const from = folderOf(context.filename);
    if (from === null) return {};
    const uses = TIERS[from];
    function check(node) {
      if (typeof node.source?.value !== 'string') return;
      if (!uses) return context.report({ node, messageId: 'unknown', data: { from } });
      const to = target(node.source.value, context.filename);
      if (to !== null && to !== from && !uses.includes(to)) {
        context.report({ node, messageId: 'tier', data: { from, to } });
      }
    }
    return {
      ImportDeclaration: check,
      ImportExpression: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
    };
  },
};

export const tiers = { rules: { tiers: rule } };
