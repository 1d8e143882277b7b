/** Amounts as they were typed. */
import { type Cost, clip, IfBoardError, type Usd } from '../model/index.ts'

/** An amount of money as typed; yargs gives NaN for what is no number. */
export function toUsd(name: string, amount: number | undefined): Usd | undefined {
  if (amount === undefined) return undefined
  if (amount >= 0 && amount <= Number.MAX_SAFE_INTEGER) return amount
  throw new IfBoardError('usage/invalid', `--${name} expects an amount in US dollars, such as 1.50`)
}

export interface CostRequest {
  readonly cost: number | undefined
  readonly model?: string | undefined
  /** Tokens read and written, such as `1200,340`. */
  readonly tokens?: string | undefined
}

const MAX_MODEL = 100

/**
 * What was typed of a cost; `undefined` where nothing was.
 *
 * @throws IfBoardError `usage/invalid`
 */
export function toCost({ cost, model, tokens }: CostRequest): Cost | undefined {
  const usd = toUsd('cost', cost)
  const name = model?.trim() ?? ''
  const [inputTokens, outputTokens] = tokens === undefined ? [] : toTokens(tokens)
  if (usd === undefined && inputTokens === undefined) {
    if (name === '') return undefined
    throw new IfBoardError('usage/invalid', '--model says what an amount was for: --cost or --tokens is missing')
  }
  return {
    source: 'reported',
    ...(usd === undefined ? {} : { usd }),
    ...(name === '' ? {} : { model: clip(name, MAX_MODEL) }),
    ...(inputTokens === undefined || outputTokens === undefined ? {} : { inputTokens, outputTokens }),
  }
}

function toTokens(text: string): [number, number] {
  const [, read, written] = /^(\d{1,15}),(\d{1,15})$/.exec(text.replaceAll(' ', '')) ?? []
  if (read !== undefined && written !== undefined) return [Number(read), Number(written)]
  throw new IfBoardError('usage/invalid', '--tokens expects two whole numbers, read and written, such as 1200,340')
}

/** A number of minutes or seconds as typed. */
export function toPositive(name: string, amount: number | undefined, unit: string): number | undefined {
  if (amount === undefined) return undefined
  if (Number.isFinite(amount) && amount >= 0) return amount
  throw new IfBoardError('usage/invalid', `--${name} expects a number of ${unit}`)
}
