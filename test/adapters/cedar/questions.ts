/** A question about a task, as a claim asks it. */
import type { PolicyContext, PolicyQuestion, PolicyResource, PolicySession } from '../../../src/ports/index.ts'

interface Changes {
  readonly action?: PolicyQuestion['action']
  readonly principal?: Partial<PolicySession>
  readonly resource?: Partial<PolicyResource>
  readonly context?: Partial<PolicyContext>
}

export function question({ action = 'claim', principal, resource, context }: Changes = {}): PolicyQuestion {
  return {
    action,
    principal: { name: 'ada', capabilities: ['code-analysis:python'], reputation: 50, holds: 0, ...principal },
    resource: {
      key: 'b.md:P0.1',
      id: 'P0.1',
      board: 'b.md',
      title: 'Charge cards',
      capabilities: [],
      approved: false,
      filler: false,
      tried: [],
      ...resource,
    },
    context: { hour: 12, minute: 30, weekday: 4, spentCents: 0, liveClaims: 1, ...context },
  }
}
