// What leaves something in the session of the server, where the next client of a pooler finds it, or where the program misses it later.
const STATE =
  /^\s*(set\s+(?!local\b|constraints\b)|reset|discard|(un)?listen|prepare\s+(?!transaction\b)|deallocate|load|create\s+(local\s+|global\s+)?temp(orary)?)\b|\bwith\s+hold\b|\bpg_(try_)?advisory_(lock|unlock)(_shared|_all)?\s*\(|\bset_config\s*\([^()]*,\s*false\s*\)/i;

type QueryArguments = unknown[];

/**
 * Returns the arguments of a driver's `query` as they may go through a pooler in transaction mode: without the name of a prepared statement,
 * which the next transaction may not find on its server.
 * @throws Error for a statement that needs or leaves state in the session: it belongs on a direct connection
 */
export function pooled([statement, ...rest]: QueryArguments): QueryArguments {
  if (typeof statement === 'string') {
    refuseState(statement);
    return [statement, ...rest];
  }
  if (typeof statement !== 'object' || statement === null || !('text' in statement)) return [statement, ...rest];
  refuseState(String(statement.text));
  return [{ ...statement, name: undefined }, ...rest];
}

function refuseState(text: string): void {
  if (STATE.test(text)) throw new Error(`a session behind a pooler keeps no state: ${text.trim().slice(0, 80)}`);
}
