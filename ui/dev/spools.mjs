// Spools of the mock. Values are examples.
import { iso, now } from './prints.mjs';

/**
 * @param {number} id
 * @param {Partial<import('$lib/bindings/SpoolView').SpoolView>} fields
 * @returns {import('$lib/bindings/SpoolView').SpoolView}
 */
export function spool(id, fields = {}) {
  const left_g = fields.left_g ?? 412;
  return {
    id,
    name: 'Teal matt',
    vendor: 'Acme',
    material: 'PLA',
    color: '#18a0a0',
    diameter_mm: 1.75,
    density: 1.24,
    net_g: 1000,
    empty_g: 230,
    price: 24.9,
    location: 'Dry box',
    notes: '',
    hotend_c: 210,
    bed_c: 60,
    archived_at: null,
    created_at: iso(now() - 9e6),
    spoolman_id: null,
    used_g: 1000 - left_g,
    left_g,
    left_mm: left_g / 0.0029826,
    about: false,
    overdrawn: false,
    low: left_g < 100,
    measured_at: null,
    prints: 12,
    loaded: null,
    ...fields,
  };
}

export const SPOOLS = [
  spool(1, { loaded: { printer: 1, tool: 0 }, location: '' }),
  spool(2, { name: 'Galaxy black', material: 'PETG', color: '#20242c', left_g: 64, about: true, prints: 31 }),
  spool(3, {
    name: 'Signal red',
    vendor: '',
    color: '#d0342c',
    left_g: 1000,
    prints: 0,
    measured_at: iso(now() - 4e5),
  }),
  spool(4, { name: 'Old white', color: null, left_g: 0, archived_at: iso(now() - 2e6) }),
];

const MATERIALS = [
  { name: 'PLA', density: 1.24, hotend_c: 210, bed_c: 60 },
  { name: 'PETG', density: 1.27, hotend_c: 240, bed_c: 80 },
  { name: 'TPU', density: 1.21, hotend_c: 225, bed_c: 50 },
];

/** @returns {import('$lib/bindings/SpoolNeed').SpoolNeed} */
export const need = (fields = {}) => ({
  tool: 0,
  needed_mm: 22_100,
  needed_g: 66,
  spool: 1,
  name: 'Teal matt',
  material: 'PLA',
  left_mm: 138_150,
  left_g: 412,
  about: false,
  short: false,
  other_material: null,
  ...fields,
});

/** @returns {import('$lib/bindings/PrintCost').PrintCost} */
export const cost = (fields = {}) => ({
  parts: [{ part: 0, tool: 0, spool: SPOOLS[0], used_mm: 22_100, used_g: 65.9, cost: 1.64, about: false }],
  grams: 65.9,
  assumed: false,
  about: false,
  filament: 1.64,
  kwh: 0.22,
  energy: 0.07,
  ...fields,
});

const short = need({ left_mm: 13_400, left_g: 40, short: true });

/** Answers what is asked of spools; nothing when it is something else. */
export function spoolsApi(path, body, method, kept) {
  const is = (text) => path === `/api/v1/${text}`;
  if (is('vigil/spools/') && method === 'GET') return { spools: SPOOLS, materials: MATERIALS, low_g: 100 };
  if (is('vigil/spools/low/')) return { spools: SPOOLS, materials: MATERIALS, low_g: body.low_g };
  if (is('vigil/spools/spoolman/'))
    return method === 'GET'
      ? []
      : { spools: [{ name: 'Galaxy', material: 'PETG', left_g: 400 }], known: 2, left_out: [], done: false };
  if (path.startsWith('/api/v1/vigil/spools/')) return SPOOLS[0];
  if (path.endsWith('/spools/need/')) return [kept.short ? short : need()];
  if (path.endsWith('/queue/spools/'))
    return [
      { item: 1, needs: [need()] },
      { item: 2, needs: [short] },
    ];
  if (/\/prints\/\d+\/(cost\/|spools\/)/.test(path)) return cost();
  if (is('vigil/energy_price/'))
    return method === 'PUT' ? body : { per_kwh: 0.32, watts: 120, of_printers: {} };
  if (is('vigil/failure_reasons/'))
    return method === 'PUT' ? body : ['Did not stick to the bed', 'Tangle (spaghetti)', 'Layers shifted'];
  return null;
}
