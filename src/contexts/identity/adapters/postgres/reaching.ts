import { Unavailable } from '../../../../platform/kernel/refusal.ts';
import { classifyFailure } from '../../../../platform/postgres/batch-transaction.ts';

type Method = (...given: readonly unknown[]) => Promise<unknown>;

/**
 * Wraps a store, so that its methods reject with Unavailable when PostgreSQL is unavailable, overloaded or timed out. The edge then
 * responds with 503 and not 500, because the program has no bug.
 */
export function reaching<Store extends object>(store: Store): Store {
  const methods = Object.entries(store) as [string, Method][];
  return Object.fromEntries(
    methods.map(([name, method]): [string, Method] => [
      name,
      async (...given) => {
        try {
          return await method(...given);
        } catch (error) {
          throw translated(error);
        }
      },
    ]),
  ) as Store;
}

function translated(error: unknown): unknown {
  if (classifyFailure(error) === 'poison') return error;
  return new Unavailable('DEPENDENCY_UNAVAILABLE', 'identity does not reach PostgreSQL', 1, { cause: error });
}
