import type { Area } from '../bindings/Area';
import { expect, test } from 'vitest';
import type { MachineProfile } from '$lib/bindings/MachineProfile';
import { machineWords } from './machine';

const plain = { machine: '', firmware: 'Marlin 2.1.2', area_mm: null, extruders: 0 } as MachineProfile;

test('a machine is told in one line, without what it did not say', () => {
  expect(machineWords(plain)).toBe('Marlin 2.1.2');
  const area_mm: Area = { min: [-5, 0, 0], max: [215, 220, 250.4] };
  expect(machineWords({ ...plain, machine: 'Ender 3', area_mm, extruders: 2 })).toBe(
    'Ender 3, Marlin 2.1.2, 220 × 220 × 250 mm, 2 extruders',
  );
});
