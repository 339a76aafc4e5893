import type { FolderExtras } from "./FolderExtras";
import type { GCodeFolder } from "./GCodeFolder";
export type FolderView = { vigil: FolderExtras, } & GCodeFolder;
