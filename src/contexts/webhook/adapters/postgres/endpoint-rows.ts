import type { CountedEndpoint } from '../../application/ports.ts';
import type { DisabledReason, Endpoint } from '../../domain/endpoint.ts';
import { WAITING_MAX } from '../../domain/health.ts';

/** The columns of an endpoint `e`, without its secrets. */
const COLUMNS = `
  e.id, e.url, e.topics, e.description, e.enabled, e.disabled_reason as "disabledReason", e.disabled_at as "disabledAt", e.failures,
  e.failing_since as "failingSince", e.resume_at as "resumeAt", e.previous_secret_until as "previousSecretUntil",
  e.created_at as "createdAt", e.updated_at as "updatedAt"`;

/** How many deliveries wait for it: one more than the bound stands for more. */
const WAITING = `
  (select count(*)::int from (
    select from webhook.deliveries as d where d.endpoint_id = e.id and d.status = 'PENDING' limit ${WAITING_MAX + 1}) as w) as waiting`;

export const COUNTED_COLUMNS = `${COLUMNS}, ${WAITING}`;

export interface CountedRow {
  readonly id: bigint;
  readonly url: string;
  readonly topics: readonly string[];
  readonly description: string;
  readonly enabled: boolean;
  readonly disabledReason: DisabledReason | null;
  readonly disabledAt: Date | null;
  readonly failures: number;
  readonly failingSince: Date | null;
  readonly resumeAt: Date | null;
  readonly previousSecretUntil: Date | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly waiting: number;
}

export function countedOf({ waiting, disabledReason: reason, disabledAt: at, ...row }: CountedRow): CountedEndpoint {
  const { failures, failingSince, resumeAt, enabled: _, ...rest } = row;
  const state: Endpoint['state'] =
    reason === null || at === null ? { kind: 'ENABLED' } : { kind: 'DISABLED', reason, at };
  return { endpoint: { ...rest, state, health: { failures, failingSince, resumeAt } }, waiting };
}
