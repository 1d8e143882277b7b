import { test } from 'uvu'
import { isFull } from '../support/claims.ts'
import { raceForTheLastMoney } from './budget-race.ts'

raceForTheLastMoney('local', isFull ? 63 : 1)
test.run()
