import { Unavailable } from '../kernel/refusal.ts';
import { classifyFailure } from '../postgres/group-transaction.ts';

/**
 * Why did a consumer fail? `outage`: something it needs is away, so the same batch will do once that is back, and nothing
 * is wrong with its events. `poison`: all else, above all what the consumer or PostgreSQL made of an event.
 */
export function failureOf(error: unknown): 'outage' | 'poison' {
  if (error instanceof Unavailable) return 'outage';
  return classifyFailure(error) === 'poison' ? 'poison' : 'outage';
}
