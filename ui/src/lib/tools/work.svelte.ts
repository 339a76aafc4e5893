import type { Tool } from '$lib/bindings/Tool';
import { ApiError, say } from '$lib/api/errors';
import { sendTool } from '$lib/api/tools';
import type { App } from '$lib/state/app.svelte';

/** A question of the core before it does something. */
export interface Question {
  title: string;
  text: string;
  yes: string;
  tool: Tool;
}

type Asked = Extract<Tool, { do: 'jog' | 'send' | 'macro' | 'save_z' | 'cancel_object' }>;

const asked = (tool: Tool): tool is Asked => tool.do in TITLES;

const TITLES: Record<Asked['do'], [string, string]> = {
  jog: ['Move without homing?', 'Move anyway'],
  send: ['Send this line?', 'Send it'],
  macro: ['Run this macro?', 'Run it'],
  cancel_object: ['Leave this object out?', 'Leave it out'],
  save_z: ['Save the Z offset?', 'Save'],
};

/** Sends work by hand; asks when the core wants it, says why when it refuses. */
export class Work {
  question = $state.raw<Question | null>(null);
  /** The nozzle was too cold for what was asked. */
  cold = $state(false);

  constructor(
    private readonly app: App,
    readonly printer: () => number,
  ) {}

  async run(tool: Tool): Promise<boolean> {
    const refused = await this.#try(tool);
    if (refused) this.app.toasts.error(refused);
    return refused === null;
  }

  /** Sends a typed line. Returns why it was refused, to be said beside the input; nothing when it was sent or is asked about. */
  async send(line: string): Promise<string> {
    return (await this.#try({ do: 'send', line, sure: 'ask' })) ?? '';
  }

  /** Returns `null` when it was done, why not when it was refused, nothing when the person is asked first. */
  async #try(tool: Tool): Promise<string | null> {
    this.cold = false;
    try {
      this.app.show((await sendTool(this.app.client, this.printer(), tool)).printer);
      return null;
    } catch (error) {
      if (error instanceof ApiError && error.code === 'confirm' && asked(tool)) {
        const [title, yes] = TITLES[tool.do];
        this.question = {
          title,
          yes,
          text: sentence(error.message, error.hint),
          tool: { ...tool, sure: 'yes' },
        };
        return '';
      }
      this.cold = error instanceof ApiError && error.code === 'cold';
      return error instanceof ApiError ? sentence(error.message, error.hint) : say(error);
    }
  }

  async yes(): Promise<void> {
    const tool = this.question?.tool;
    this.question = null;
    if (tool) await this.run(tool);
  }
}

/** A message of the core, begun in capitals and ended, with its hint. */
export function sentence(message: string, hint: string): string {
  const begun = message.charAt(0).toUpperCase() + message.slice(1);
  const ended = /[.?!]$/.test(begun) ? begun : `${begun}.`;
  return hint ? `${ended} ${hint}` : ended;
}
