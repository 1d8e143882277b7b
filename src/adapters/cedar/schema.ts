/**
 * What policies can speak of, in Cedar's own schema language (docs.cedarpolicy.com, “Cedar schema format”).
 * `docs/policy.md` shows it; a test holds the two together.
 */
/** Of this schema and the engine that holds texts to it; a test knows the engine’s part. */
export const CEDAR_VERSION = 'cedar 4.13.0, schema 1'

export const CEDAR_SCHEMA = `entity Session = {
  name: String,
  capabilities: Set<String>,
  model?: String,
  reputation: Long,
  holds: Long,
};

entity Task = {
  id: String,
  board: String,
  title: String,
  section?: String,
  priority?: String,
  model?: String,
  capabilities: Set<String>,
  estimateMinutes?: Long,
  budgetCents?: Long,
  approved: Bool,
  filler: Bool,
  tried: Set<String>,
};

action claim, complete, run, call appliesTo {
  principal: Session,
  resource: Task,
  context: {
    hour: Long,
    minute: Long,
    weekday: Long,
    spentCents: Long,
    leftCents?: Long,
    liveClaims: Long,
  },
};
`
