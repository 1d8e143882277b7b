export * from './local.ts'
export * from './object-store.ts'
export * from './ref-store.ts'
export * from './setup.ts'
