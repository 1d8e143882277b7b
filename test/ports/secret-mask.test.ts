import { secretlintMask } from '../../src/adapters/secretlint/index.ts'
import { OWN_SAMPLES, SAMPLES } from '../support/secrets.ts'
import { secretMaskContract } from './secret-mask.contract.ts'

secretMaskContract('secretlint and own rules', () => secretlintMask(), new Map([...SAMPLES, ...OWN_SAMPLES]))
