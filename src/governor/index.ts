export * from './accounts.ts'
export * from './admission.ts'
export * from './budget.ts'
export * from './verdict.ts'
