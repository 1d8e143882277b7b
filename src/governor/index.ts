export * from './accounts.ts'
export * from './admission.ts'
