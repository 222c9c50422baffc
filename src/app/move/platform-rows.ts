/**
 * What becomes of the rows of each table of the platform when a context moves to another database:
 * - MOVES: the rows of the context replace those that the target has of it
 * - COPIED: all rows are copied, and the target's own rows stay
 * - STAYS: with the reason
 */
export type PlatformRows =
  | { readonly kind: 'MOVES'; readonly where: string }
  | { readonly kind: 'COPIED'; readonly where: string }
  | { readonly kind: 'STAYS'; readonly because: string };

/** In `where` the text `$topics` stands for the topics of the context, and `$consumers` for the prefix of the names of its consumers: see `conditionOf`. */
export const PLATFORM_ROWS: Readonly<Record<string, PlatformRows>> = {
  outbox: {
    kind: 'STAYS',
    because: 'it is empty: an event that was published keeps its id, and another database would give it another one',
  },
  event_source: { kind: 'STAYS', because: 'it is what makes the ids of the events of a database its own' },
  published_events: { kind: 'MOVES', where: 'topic = any($topics)' },
  inbox: { kind: 'MOVES', where: 'starts_with(consumer, $consumers)' },
  dead_letters: { kind: 'MOVES', where: 'starts_with(consumer, $consumers)' },
  // A key belongs to an operation, and those of other contexts are never looked up in this database.
  command_results: { kind: 'COPIED', where: 'expires_at > now()' },
  key_claims: { kind: 'COPIED', where: 'expires_at > now()' },
  idempotency_keys: { kind: 'COPIED', where: 'expires_at > now()' },
  shards: { kind: 'MOVES', where: "context || '.' = $consumers" },
  sandbox_clock: { kind: 'COPIED', where: 'true' },
  node_leases: { kind: 'STAYS', because: 'numbers are leased for each database; what was used up of them is merged' },
  replica_beats: { kind: 'STAYS', because: 'they measure the replica of their database' },
  rate_limits: { kind: 'STAYS', because: 'the gateway counts them' },
  known_logins: { kind: 'STAYS', because: 'the gateway counts by them' },
  context_moves: { kind: 'STAYS', because: 'it says where contexts are' },
};

/** Fills the placeholders of a condition in. */
export function conditionOf(where: string, context: string, topics: readonly string[]): string {
  const list = `array[${topics.map(literal).join(', ')}]::text[]`;
  return where.replace('$topics', list).replace('$consumers', literal(`${context}.`));
}

const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;
