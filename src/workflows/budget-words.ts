/** Words for a cap and its amounts. Pure. */
import type { BudgetScope } from '../governor/index.ts'
import { usdText } from '../model/index.ts'

/** `for all boards`, `for 2025-11-12 (UTC)`, `for session-4`. */
export function forWhat({ scope, name }: { readonly scope: BudgetScope; readonly name: string }): string {
  if (scope === 'total') return 'for all boards'
  return scope === 'day' ? `for ${name} (UTC)` : `for ${name}`
}

/** `$2.50`, `1200 tokens`. */
export function amountText({ unit }: { readonly unit: 'usd' | 'tokens' }, amount: number): string {
  return unit === 'usd' ? usdText(Math.round(amount * 1_000_000)) : `${amount} tokens`
}
