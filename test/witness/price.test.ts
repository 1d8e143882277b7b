import { readFile } from 'node:fs/promises'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { ModelUsage } from '../../src/model/index.ts'
import { parsePrices, priceOf } from '../../src/witness/price.ts'

const OWN = new URL('../../templates/prices.json', import.meta.url)

const table = parsePrices(
  JSON.stringify({
    models: {
      one: { input: 5, cacheRead: 0.5, cacheWrite: 6.25, cacheHour: 10, output: 25 },
      two: { input: 1, output: 2 },
    },
  }),
) as NonNullable<ReturnType<typeof parsePrices>>

function used(model: string, counts: Partial<ModelUsage>): ModelUsage {
  const none = { freshTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, cacheHourTokens: 0, outputTokens: 0 }
  return { model, ...none, ...counts }
}

test('each kind of tokens has its price, and a sum is exact to the millionth', () => {
  const all = { freshTokens: 1_000_000, cacheReadTokens: 2_000_000, cacheWriteTokens: 100_000, cacheHourTokens: 10_000 }
  assert.is(priceOf([used('one', { ...all, outputTokens: 1_000 })], table), 5 + 1 + 0.625 + 0.1 + 0.025)
  assert.is(priceOf([used('one', { freshTokens: 1 }), used('two', { outputTokens: 3 })], table), 0.000011)
})

test('a day behind the name is the same model, a longer name is not', () => {
  for (const model of ['one', 'one-20251101', 'one-2025-11-01'])
    assert.is(priceOf([used(model, { outputTokens: 1_000_000 })], table), 25)
  for (const model of ['one-mini', 'one-2025', 'on', '', '__proto__'])
    assert.is(priceOf([used(model, { outputTokens: 1_000_000 })], table), undefined)
})

test('a sum without a part of it is no sum, and nothing used is not free', () => {
  assert.is(priceOf([used('one', { freshTokens: 1 }), used('unknown', { freshTokens: 1 })], table), undefined)
  assert.is(priceOf([used('two', { cacheReadTokens: 1 })], table), undefined)
  assert.is(priceOf([], table), undefined)
})

test('what is no table is none, and entries that are not understood are left out', () => {
  for (const text of ['', '{', '[]', 'null', '{"models":7}', '{}']) assert.is(parsePrices(text), undefined)
  const models = {
    a: { input: 1 },
    b: { input: -1, output: 1 },
    c: { input: 1, output: '2' },
    d: null,
    e: { input: 0, output: 0 },
  }
  assert.equal([...(parsePrices(JSON.stringify({ models })) ?? new Map()).keys()], ['e'])
})

test('every price of the package has a source that was read on some day', async () => {
  const text = await readFile(OWN, 'utf8')
  const { models, sources } = JSON.parse(text)
  const entries = Object.entries<{ source: string }>(models)
  assert.is(parsePrices(text)?.size, entries.length)
  for (const [model, { source }] of entries) {
    assert.match(sources[source]?.url, /^https:/, model)
    assert.match(sources[source]?.read, /^20\d\d-\d\d-\d\d$/, model)
  }
})

test.run()
