import type { MachineProfile } from '$lib/bindings/MachineProfile';
import { counted } from '$lib/format/numbers';

/** What the machine told of itself, in one line: "Ender 3, Marlin 2.1.2, 220 × 220 × 250 mm, 1 extruder". */
export function machineWords(machine: MachineProfile): string {
  const parts = [machine.machine, machine.firmware];
  if (machine.area_mm) {
    const { min, max } = machine.area_mm;
    const sides = [max[0] - min[0], max[1] - min[1], max[2] - min[2]];
    parts.push(`${sides.map((side) => Math.round(side)).join(' × ')} mm`);
  }
  if (machine.extruders > 0) parts.push(counted(machine.extruders, 'extruder'));
  return parts.filter((part) => part !== '').join(', ');
}
