export * from './accounts.ts'
export * from './admission.ts'
export * from './policy.ts'
