import { Unavailable } from '../kernel/refusal.ts';
import { classifyFailure } from '../postgres/batch-transaction.ts';

/**
 * Classifies the error of a consumer. `outage`: a dependency is not available, so the same batch succeeds when it is back. `poison`:
 * everything else, above all a bug of the consumer or an event that PostgreSQL refused.
 */
export function failureOf(error: unknown): 'outage' | 'poison' {
  if (error instanceof Unavailable) return 'outage';
  return classifyFailure(error) === 'poison' ? 'poison' : 'outage';
}
