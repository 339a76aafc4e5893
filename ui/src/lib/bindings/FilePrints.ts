import type { FileVerdict } from "./FileVerdict";
import type { PrintId } from "./PrintId";
import type { Timestamp } from "./Timestamp";
export type FilePrints = { count: number, finished: number, failed: number, last_print: PrintId | null, last_at: Timestamp | null, last: FileVerdict | null, };
