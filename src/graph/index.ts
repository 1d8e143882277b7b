/** Dependency graph of all boards together: what may start, what waits for what, what takes longest. Pure. */
export * from './cycles.ts'
export * from './draw.ts'
export * from './link.ts'
export * from './order.ts'
export * from './progress.ts'
export * from './ready.ts'
export * from './schedule.ts'
