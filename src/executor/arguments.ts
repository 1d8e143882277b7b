/** Arguments of a command in their order: each rule takes as long as it can, and none is asked again. */
import type { ArgumentRule, ArgumentTimes, ValueRule } from '../model/index.ts'
import { takes } from './values.ts'

export type ArgumentTaken =
  | { readonly kind: 'yes'; readonly paths: readonly string[] }
  /** `wanted: undefined`: there is no rule left. */
  | { readonly kind: 'no'; readonly wanted: string | undefined }

interface ArgumentShape {
  readonly value: ValueRule
  readonly times: ArgumentTimes
}

export class ArgumentList {
  readonly #rules: readonly ArgumentShape[]
  #at = 0
  /** Words that the rule at hand has taken. */
  #taken = 0

  constructor(rules: readonly ArgumentRule[]) {
    this.#rules = rules.map((rule) =>
      typeof rule === 'object' && 'value' in rule ? rule : { value: rule, times: 'one' as const },
    )
  }

  take(word: string): ArgumentTaken {
    let wanted: string | undefined
    for (; this.#at < this.#rules.length; this.#advance()) {
      const { value, times } = this.#rules[this.#at] as ArgumentShape
      const answer = takes(value, word)
      if (answer.kind === 'yes') {
        this.#taken += 1
        if (times === 'one' || times === 'maybe') this.#advance()
        return answer
      }
      wanted = answer.wanted
      if (this.#needsMore()) break
    }
    return { kind: 'no', wanted }
  }

  /** Call it when there are no more words. */
  isComplete(): boolean {
    for (; this.#at < this.#rules.length; this.#advance()) if (this.#needsMore()) return false
    return true
  }

  #needsMore(): boolean {
    const times = this.#rules[this.#at]?.times
    return (times === 'one' || times === 'some') && this.#taken === 0
  }

  #advance(): void {
    this.#at += 1
    this.#taken = 0
  }
}
