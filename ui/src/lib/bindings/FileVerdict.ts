export type FileVerdict = "under_way" | "finished" | "cancelled" | "interrupted" | "failed";
