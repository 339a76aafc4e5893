// Writes the list of what others wrote, which the page shows, as a text: third-party.mjs licences.json OUT.
import { readFileSync, writeFileSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

const [list, out] = process.argv.slice(2);
const { parts, texts } = JSON.parse(readFileSync(list, 'utf8'));
const rule = '='.repeat(78);
const names = parts.map((part) =>
  [
    `${part.name} ${part.version}`,
    `  under ${part.licence}; ${part.home}`,
    part.note && `  ${part.note}`,
    `  texts: ${part.texts.map((at) => at + 1).join(', ')}`,
  ]
    .filter(Boolean)
    .join('\n'),
);
const numbered = texts.map((text, at) => `${rule}\nText ${at + 1}\n\n${text}`);
mkdirSync(dirname(out), { recursive: true });
writeFileSync(
  out,
  `What others wrote and Printvigil carries. The texts of the licences follow the list.\n\n${names.join('\n')}\n\n${numbered.join('\n\n')}\n`,
);
