import type { PrinterView } from '$lib/bindings/PrinterView';

/** An address to paste into a slicer, and which printer it means. */
export interface SlicerAddress {
  printer: number;
  name: string;
  address: string;
}

/** Each printer's address; the only printer needs no more than that of the computer. */
export function slicerAddresses(
  base: string | undefined,
  printers: readonly Pick<PrinterView, 'id' | 'name'>[],
): SlicerAddress[] {
  if (base === undefined) return [];
  const one = printers.length === 1;
  return printers.map(({ id, name }) => ({
    printer: id,
    name,
    address: one ? base : `${base}/printers/${id}`,
  }));
}
