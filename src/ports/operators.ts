/**
 * Operators whose grants this clone believes, as a person pinned them: one text, in the form of `witness/operators.ts`.
 *
 * 1. It is this clone's alone: nothing that is fetched can change it.
 * 2. `write` replaces it whole, and nobody but the owner may write it afterwards.
 */
export interface OperatorPins {
  /** Where the text is, for people. */
  readonly path: string
  /** Empty while nobody is pinned. @throws IfBoardError `operator/pins-unreadable`, also where others may write it */
  read(): Promise<string>
  write(text: string): Promise<void>
}

/** The SSH key of the operator who is typing. */
export interface OperatorKey {
  /** What he calls himself, such as his address; not checked by anybody. */
  readonly name: string
  /**
   * An armored SSHSIG signature over the text's UTF-8 bytes. May ask the person for a passphrase or a touch.
   *
   * @throws IfBoardError `operator/cannot-sign`, `interrupted`
   */
  sign(namespace: string, text: string): Promise<string>
}
