// The queue of the mock's printer.
import { FILES, iso, now } from './prints.mjs';

/** @returns {import('$lib/bindings/QueueItem').QueueItem} */
export function item(id, file, fields = {}) {
  const of = FILES[file - 1];
  return {
    id,
    file,
    name: of.filename,
    copies: 1,
    added_at: iso(now() - 900),
    by: 'person',
    why: null,
    gone: false,
    estimated_secs: of.estimated_time,
    filament_mm: of.filament_total,
    thumbnail_url: of.thumbnail1_url,
    ...fields,
  };
}

/** Answers what is asked of the queue; `false` when it is something else. */
export function queueApi(path, body, method, kept) {
  const found = /\/printers\/\d+\/queue\/(?:(\d+)\/)?(start\/)?$/.exec(path);
  if (!found) return false;
  const id = Number(found[1]);
  const at = kept.queue.findIndex((one) => one.id === id);
  if (method === 'DELETE') kept.queue.splice(at, 1);
  else if (found[2]) {
    if (kept.queue[at].copies > 1) kept.queue[at].copies--;
    else kept.queue.splice(at, 1);
    kept.last_print = null;
  } else if (method === 'PATCH') {
    if (body.copies) kept.queue[at].copies = body.copies;
    if (body.position !== undefined) kept.queue.splice(body.position, 0, ...kept.queue.splice(at, 1));
  } else
    kept.queue.push(
      item(1 + Math.max(0, ...kept.queue.map((one) => one.id)), body.file_id, { copies: body.copies ?? 1 }),
    );
  return true;
}
