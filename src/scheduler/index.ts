/** Which of the ready tasks a session should do, and why. Pure: chance and time come in as parameters. */
export * from './pick.ts'
export * from './rank.ts'
export * from './session-words.ts'
