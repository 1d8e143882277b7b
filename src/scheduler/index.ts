/** Which of the ready tasks a session should do, and why. Pure: chance and time come in as parameters. */
export { type Contest, DRAWN_FROM, type PickRequest, pick } from './pick.ts'
export { offeringOrder, type RankedTask, type RankRequest, rank } from './rank.ts'
export * from './session-words.ts'
