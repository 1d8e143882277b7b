/**
 * Where a person edits one text of the branch: files of this work tree that stay until the text was pushed.
 *
 * 1. What `write` has written survives the process and is replaced whole.
 * 2. `open` comes back when the editor was closed; the file is the editor's alone until then.
 * 3. Nothing but `clear` takes a file away, and `lock` keeps two editors off one desk.
 */
export interface EditDesk {
  /** `undefined` while somebody else edits here; `holds` says whether nobody has taken it over since. */
  lock(): Promise<{ release(): Promise<void>; holds(): Promise<boolean> } | undefined>
  read(name: string): Promise<Uint8Array | undefined>
  /** Answers the absolute path. */
  write(name: string, text: string): Promise<string>
  /** Take the files away, pushed or given up as they are. */
  clear(): Promise<void>
  /**
   * The person's editor on a file, as git would start it; `failed`: it ended with an error.
   *
   * @throws IfBoardError `edit/no-editor`
   */
  open(name: string): Promise<'closed' | 'failed'>
}

/** What lies on a desk under this name says which board is edited there: without a network nothing else does. */
export const BOARD_FILE = 'board-name'
