/** Which of the ready tasks a session should do, and why. Pure: chance and time come in as parameters. */
export type { TakersOf } from './divide.ts'
export type { Demand } from './offer-groups.ts'
export * from './offer-index.ts'
export { type Contest, DRAWN_FROM, type PickRequest, pick } from './pick.ts'
export { type Assignment, offeringOrder, type RankedTask, type RankRequest, rank, type Tier } from './rank.ts'
export * from './session-words.ts'
