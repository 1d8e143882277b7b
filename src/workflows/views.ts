/** Views: each reads once and answers with a value. None of them claims, beats or writes to the authority. */
export * from './views-graph.ts'
export * from './views-list.ts'
export * from './views-show.ts'
export * from './views-status.ts'
export * from './views-why.ts'
