export type FolderExtras = { files: number, folders: number, };
