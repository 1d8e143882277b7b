/**
 * Files of the user's project that coding tools read: settings and instructions. Paths are relative to the root of the
 * work tree, with `/` between parts.
 */
export interface ProjectFiles {
  /** Absolute path of the work tree; `undefined` in a bare repository. */
  root(): Promise<string | undefined>
  /** Of the folder, as they are spelled; tracked ones first. Empty where there is no such folder. */
  names(folder: string): Promise<readonly string[]>
  read(path: string): Promise<ProjectFile>
  /** Replaced whole, with the mode it had; where a link leads, the file that it names. */
  write(path: string, text: string): Promise<void>
  /** With the folders that are empty then. */
  remove(path: string): Promise<void>
  /** Is there a program of this name on PATH? Its path. */
  program(name: string): Promise<string | undefined>
}

export type ProjectFile =
  | { readonly kind: 'absent' }
  /** `place`: its absolute path, links followed; one file may have two names. */
  | { readonly kind: 'text'; readonly text: string; readonly place: string }
  /** No text, too large, or a link that leads out of the project: not to be touched. */
  | { readonly kind: 'untouchable'; readonly reason: string }
