export * from './accounts.ts'
export * from './admission.ts'
export * from './breaker.ts'
