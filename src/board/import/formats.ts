/** Files that can be imported, by the names that people type; in a file of its own, because the command line lists them. */
export const IMPORT_FORMATS = ['task-master', 'beads', 'todo.txt', 'github'] as const
export type ImportFormat = (typeof IMPORT_FORMATS)[number]
