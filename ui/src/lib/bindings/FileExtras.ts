import type { FilePrints } from "./FilePrints";
export type FileExtras = { prints: FilePrints, same_as: string | null, original_url: string | null, printing: boolean, };
