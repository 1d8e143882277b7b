export * from './decide.ts'
export * from './grants.ts'
