// The focus is never lost, whatever goes away.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { keepFocus, trap } from './focus';

// jsdom lays nothing out: everything that is in the page counts as seen.
Element.prototype.getClientRects = function () {
  return (this.isConnected ? [{}] : []) as unknown as DOMRectList;
};
const frame = () => new Promise((done) => setTimeout(done, 40));
const at = (id: string) => document.getElementById(id) as HTMLElement;
let end: (() => void) | undefined;

beforeEach(() => {
  document.body.replaceChildren();
});
afterEach(() => end?.());

function page(...ids: string[]): HTMLElement {
  const main = document.createElement('main');
  const section = document.createElement('section');
  section.id = 'section';
  for (const id of ids) {
    const button = document.createElement('button');
    button.id = id;
    section.append(button);
  }
  main.append(section);
  document.body.append(main);
  return main;
}

test('a button that goes leaves its focus to the part around it', async () => {
  page('yes', 'start');
  end = keepFocus(document.body);
  at('yes').focus();
  at('yes').remove();
  await frame();
  expect(document.activeElement?.id).toBe('section');
});

test('a part that goes with its button leaves the focus to what is left', async () => {
  const main = page('start');
  end = keepFocus(document.body);
  at('start').focus();
  at('section').remove();
  await frame();
  expect(document.activeElement).toBe(main);
});

test('a click beside everything is meant', async () => {
  page('yes');
  end = keepFocus(document.body);
  at('yes').focus();
  at('yes').blur();
  at('section').append(document.createElement('p'));
  await frame();
  expect(document.activeElement).toBe(document.body);
});

test('a dialog holds the focus, also when its button goes, and gives it back', async () => {
  page('before', 'first', 'last');
  const before = document.createElement('button');
  document.body.append(before);
  before.focus();
  const dialog = at('section');
  const release = trap(() => at('first'))(dialog);
  const tab = (shiftKey: boolean) =>
    document.activeElement?.dispatchEvent(
      new KeyboardEvent('keydown', { key: 'Tab', shiftKey, bubbles: true }),
    );
  expect(document.activeElement?.id).toBe('first');
  at('last').focus();
  tab(false);
  expect(document.activeElement?.id, 'round to the first').toBe('before');
  tab(true);
  expect(document.activeElement?.id, 'and back to the last').toBe('last');
  at('last').remove();
  await frame();
  expect(document.activeElement, 'never to the page below').toBe(dialog);
  release();
  expect(document.activeElement).toBe(before);
});
