import { expect, test } from 'vitest';
import { slicerAddresses } from './slicers';

const BASE = 'http://192.168.1.5:7412';

test('the only printer has the address of the computer, several have their own', () => {
  const ender = { id: 2, name: 'Ender' };
  const prusa = { id: 7, name: 'Prusa' };
  expect(slicerAddresses(BASE, [ender])).toEqual([{ printer: 2, name: 'Ender', address: BASE }]);
  expect(slicerAddresses(BASE, [ender, prusa]).map((one) => one.address)).toEqual([
    `${BASE}/printers/2`,
    `${BASE}/printers/7`,
  ]);
  expect(slicerAddresses(undefined, [ender])).toEqual([]);
});
