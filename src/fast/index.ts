/**
 * The fast path as pure state machines: who decides (`mode`), how long anything is believed (`validity`), what a
 * session may call its own (`holder`), what git accepts (`projector`), how the decision moves (`switcher`), and when it
 * moves by itself (`escalation`).
 *
 * docs/fast-path.md is the protocol in prose; `test/model/` checks it for one task, `test/fast/` runs this very code
 * against clocks, networks and servers that misbehave. Time and answers are parameters: nothing here waits or calls.
 */
export * from './escalation.ts'
export * from './holder.ts'
export * from './mode.ts'
export * from './projector.ts'
export * from './slices.ts'
export * from './switcher.ts'
export * from './validity.ts'
