export * from './accounts.ts'
export * from './admission.ts'
export * from './capabilities.ts'
export { aliasCycles, DEFAULT_VOCABULARY, normalCapability, vocabularyOf } from './vocabulary.ts'
