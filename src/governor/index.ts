export * from './admission.ts'
