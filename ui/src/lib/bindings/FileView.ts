import type { FileExtras } from "./FileExtras";
import type { GCodeFile } from "./GCodeFile";
export type FileView = { vigil: FileExtras, } & GCodeFile;
