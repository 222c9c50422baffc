import { COMMAND_RESULTS_KEY } from '../../../src/platform/idempotency/command-results.ts';
import { type Run, returned, written } from './session.ts';
import { serverError } from './transactions.ts';

/** What is stored with the effect of a command. Nothing expires within a run. */
export interface StoredResult {
  readonly scope: string;
  readonly key: string;
  readonly requestHash: Buffer;
  readonly result: Buffer;
}

const placeOf = (scope: unknown, key: unknown): string => `${scope} ${key}`;

export const readResults: Run = ({ server }, [scopes, keys]) =>
  returned(
    (scopes as string[]).flatMap((scope, index) => {
      const stored = server.tables.results.get(placeOf(scope, (keys as string[])[index]));
      return stored ? [{ ...stored, isExpired: false }] : [];
    }),
  );

export const insertResults: Run = async ({ server, transaction }, [scopes, keys, hashes, results]) => {
  const rows = (scopes as string[]).map((scope, index): [string, StoredResult] => {
    const key = (keys as string[])[index] as string;
    const [requestHash, result] = [(hashes as Buffer[])[index], (results as Buffer[])[index]] as [Buffer, Buffer];
    return [placeOf(scope, key), { scope, key, requestHash, result }];
  });
  for (const [place, row] of rows.sort(([a], [b]) => (a < b ? -1 : 1))) {
    await server.lock(transaction, `${COMMAND_RESULTS_KEY} ${place}`);
    if (server.tables.results.has(place)) throw serverError('23505', COMMAND_RESULTS_KEY);
    transaction.writes.push(({ results }) => results.set(place, row));
  }
  return written(rows.length);
};

export const isResultStored: Run = ({ server }, [scope, key, requestHash]) => {
  const stored = server.tables.results.get(placeOf(scope, key));
  return returned(stored?.requestHash.equals(requestHash as Buffer) ? [{}] : []);
};
