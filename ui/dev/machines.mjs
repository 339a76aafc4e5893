// What other machines tell, for looking at the list. Values are examples.
import { iso, now } from './prints.mjs';

/** @returns {import('$lib/bindings/OtherPrinter').OtherPrinter} */
const printer = (id, name, state, more = {}) => ({
  id,
  name,
  state,
  state_word: state === 'operational' ? 'Ready' : state.charAt(0).toUpperCase() + state.slice(1),
  file: null,
  percent: null,
  left_mins: null,
  watching: false,
  alert: null,
  alarm: null,
  can: [],
  asked: null,
  ...more,
});
const prints = { watching: true, can: /** @type {const} */ (['pause', 'cancel', 'mute']) };

/** @returns {import('$lib/bindings/OtherMachine').OtherMachine} */
const machine = (node, name, presence, steered, printers) => ({
  node,
  name,
  version: '0.1.0',
  presence,
  heard_at: presence === 'here' ? null : iso(now() - 1260),
  steered,
  printers,
  more: false,
});

/** @type {import('$lib/bindings/OtherMachines').OtherMachines} */
const machines = {
  on: true,
  connected: true,
  why: null,
  more: false,
  machines: [
    machine('a1b2c3d4', 'Garage', 'here', true, [
      printer(1, 'Prusa MK3S', 'printing', {
        ...prints,
        file: 'gearbox_housing_0.2mm_PETG.gcode',
        percent: 42,
        left_mins: 111,
        can: ['pause', 'cancel', 'mute'],
      }),
      printer(2, 'Voron', 'paused', {
        file: 'spool_holder.gcode',
        percent: 71,
        left_mins: 40,
        alert: 'Seen 6 times in 60 seconds.',
        can: ['resume', 'cancel', 'not_failed'],
      }),
      printer(3, 'CR-10', 'printing', {
        file: 'vase.gcode',
        percent: 8,
        left_mins: 300,
        can: ['pause', 'cancel'],
        asked: { command: 'pause', late: false },
      }),
    ]),
    machine('0badcafe', 'School, room 12', 'here', false, [
      printer(1, 'Ender 5', 'operational'),
      { ...printer(2, 'Printer 2', 'offline'), state: null, state_word: 'Cannot be read' },
    ]),
    machine('00c0ffee', 'Attic', 'gone', true, [
      printer(1, 'Mini', 'printing', {
        file: 'boat.gcode',
        percent: 63,
        left_mins: 25,
        asked: { command: 'cancel', late: true },
      }),
    ]),
  ],
};

/** Answers what is of other machines; `undefined` when it is not. */
export function machinesApi(path, body, method) {
  const at = /^\/api\/v1\/vigil\/machines\/(\w+)?\/?(?:printers\/(\d+)\/)?/.exec(path);
  if (!at) return undefined;
  const [, node, id] = at;
  if (method === 'DELETE') machines.machines = machines.machines.filter((one) => one.node !== node);
  const found = machines.machines
    .find((one) => one.node === node)
    ?.printers.find((one) => one.id === Number(id));
  if (found && body) {
    found.asked = { command: body.command, late: false };
    setTimeout(() => {
      found.asked = null;
      found.state =
        body.command === 'pause' ? 'paused' : body.command === 'resume' ? 'printing' : 'operational';
      found.state_word =
        found.state === 'operational' ? 'Ready' : found.state === 'paused' ? 'Paused' : 'Printing';
    }, 4000);
    return { sent: true };
  }
  return machines;
}

/** The message of the live socket. */
export const machinesMessage = () => JSON.stringify({ type: 'machines', machines });
