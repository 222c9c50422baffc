import { Unavailable } from '../../../../platform/kernel/refusal.ts';
import { classifyFailure } from '../../../../platform/postgres/batch-transaction.ts';

type Method = (...given: readonly unknown[]) => Promise<unknown>;

/**
 * The same store, whose methods throw Unavailable when PostgreSQL is away, overloaded or gave up waiting: the edge answers
 * 503 and not 500, for nothing is wrong with the program.
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
