/** A secret in a text: UTF-16 code units from `start` up to before `end`. */
export interface Finding {
  readonly start: number
  readonly end: number
  /** Words as `ports/secret-mask.ts` wants them. */
  readonly kind: string
}
