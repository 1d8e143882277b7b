/** What every `SecretMask` gives; the numbers are those of its docstring. */
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { holdsMask } from '../../src/model/index.ts'
import type { SecretMask } from '../../src/ports/index.ts'
import type { Sample } from '../support/secrets.ts'

const MARK = /\[masked: [a-z0-9 ]{1,40}\]/g
/** Signs around a secret that belong to none. */
const around = fc.string({
  unit: fc.constantFrom(' ', '\n', '(', ')', '"', ',', 'é', '漢', '🔑', ' of ', ' the key '),
  maxLength: 12,
})

export function secretMaskContract(
  name: string,
  open: () => SecretMask,
  samples: ReadonlyMap<string, fc.Arbitrary<Sample>>,
) {
  const contract = suite(`SecretMask by ${name}`)

  for (const [what, sample] of samples) {
    contract(`no character of a secret is left, whatever stands around it: ${what}`, () =>
      fc.assert(
        fc.asyncProperty(around, sample, around, async (before, { text, secret }, after) => {
          const [masked] = await open().mask([`${before} ${text} ${after}`])
          assert.ok(masked !== undefined && masked.kinds.length > 0)
          for (let at = 0; at + 8 <= secret.length; at += 1)
            assert.not.ok(masked.text.includes(secret.slice(at, at + 8)), `${text} → ${masked.text}`)
          assert.is(masked.text.match(MARK)?.length, masked.kinds.length)
          assert.ok(masked.text.startsWith(before))
        }),
        { numRuns: 60 },
      ),
    )
  }

  const texts = [...samples.values()].map((sample) => sample.map(({ text }) => text))
  contract('masking again changes nothing and finds nothing, also where secrets touch each other', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(...texts, around, fc.constantFrom('[masked: ', ']', '-', '_', 'a', '9')), {
          maxLength: 6,
        }),
        async (parts) => {
          const [once] = await open().mask([parts.join('')])
          const [twice] = await open().mask([once?.text ?? ''])
          assert.is(twice?.text, once?.text)
          assert.equal(twice?.kinds, [])
        },
      ),
      { numRuns: 200 },
    ),
  )

  contract('a text without a secret comes back as it was', () =>
    fc.assert(
      fc.asyncProperty(fc.array(fc.lorem({ mode: 'sentences' }), { maxLength: 3 }), async (texts) => {
        assert.equal(
          await open().mask(texts),
          texts.map((text) => ({ text, kinds: [] })),
        )
      }),
    ),
  )

  contract('answers come in the order of the texts, and one text does not change another', async () => {
    const [[, sample] = []] = samples
    const [secret] = fc.sample(
      (sample as fc.Arbitrary<Sample>).map(({ text }) => text),
      1,
    )
    const answers = await open().mask(['first', `second ${secret}`, 'third', `fourth ${secret}`])
    assert.equal(
      answers.map(({ text }) => [text.split(' ')[0], holdsMask(text)]),
      [
        ['first', false],
        ['second', true],
        ['third', false],
        ['fourth', true],
      ],
    )
    assert.equal(answers[1]?.kinds, answers[3]?.kinds)
  })

  contract.run()
}
