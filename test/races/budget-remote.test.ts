import { test } from 'uvu'
import { isFull } from '../support/claims.ts'
import { raceForTheLastMoney } from './budget-race.ts'

raceForTheLastMoney('remote', isFull ? 11 : 1)
test.run()
