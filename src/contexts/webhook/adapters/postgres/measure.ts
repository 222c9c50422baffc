import type pg from 'pg';
import type { DisabledReason } from '../../domain/endpoint.ts';

/** What waits, and what is wrong. */
export interface Measured {
  readonly waiting: number;
  /** By how many seconds the oldest one is late; 0 when none is due. */
  readonly lateSeconds: number;
  /** Endpoints whose last request failed. */
  readonly failing: number;
  /** Endpoints that are disabled, by reason. */
  readonly disabled: readonly { readonly reason: DisabledReason; readonly count: number }[];
}

/** Deliveries to disabled endpoints are not counted: they wait for an administrator. */
const WAITING = `
  select count(*)::float8 as waiting, greatest(coalesce(extract(epoch from $1::timestamptz - min(d.due_at)), 0), 0)::float8 as "lateSeconds"
  from webhook.deliveries as d join webhook.endpoints as e on e.id = d.endpoint_id where d.status = 'PENDING' and e.enabled`;
const FAILING = 'select count(*)::int as failing from webhook.endpoints where enabled and failures > 0';
const DISABLED = `
  select disabled_reason as reason, count(*)::int as count from webhook.endpoints where not enabled group by disabled_reason`;

export const measureWebhooks =
  (pool: pg.Pool) =>
  async (at: Date): Promise<Measured> => {
    const [{ rows: waiting }, { rows: failing }, { rows: disabled }] = await Promise.all([
      pool.query<Pick<Measured, 'waiting' | 'lateSeconds'>>(WAITING, [at]),
      pool.query<Pick<Measured, 'failing'>>(FAILING),
      pool.query<Measured['disabled'][number]>(DISABLED),
    ]);
    return { waiting: 0, lateSeconds: 0, failing: 0, ...waiting[0], ...failing[0], disabled };
  };
