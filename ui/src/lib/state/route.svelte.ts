/** Which page is shown. Kept in the address, so that back and reload work. */
export type Page = 'printers' | 'print' | 'files' | 'review' | 'history' | 'spools' | 'settings' | 'keys';

const PAGES: readonly Page[] = [
  'printers',
  'print',
  'files',
  'review',
  'history',
  'spools',
  'settings',
  'keys',
];

export interface Place {
  page: Page;
  id: number | null;
}

/** Reads `#/history/12`; anything unknown is the Print page. */
export function readPlace(hash: string): Place {
  const [page, id] = hash.replace(/^#\/?/, '').split('/');
  const known = PAGES.find((p) => p === page) ?? 'print';
  const number = Number(id);
  return { page: known, id: id && Number.isInteger(number) ? number : null };
}

export class Route {
  place = $state<Place>({ page: 'print', id: null });

  listen(): () => void {
    const read = () => {
      this.place = readPlace(location.hash);
    };
    read();
    window.addEventListener('hashchange', read);
    return () => window.removeEventListener('hashchange', read);
  }

  go(page: Page, id: number | null = null): void {
    location.hash = id === null ? `#/${page}` : `#/${page}/${id}`;
  }
}
