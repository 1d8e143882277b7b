/** One line of what `doctor` found. */
export interface Check {
  /** One word, stable, such as `locks`. */
  readonly name: string
  readonly ok: boolean
  readonly message: string
  readonly hint: string | undefined
}
