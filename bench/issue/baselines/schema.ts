import type { ClientBase } from 'pg';

/**
 * The baselines' tables: the columns and the unique indexes that the real system has on its own, in a schema apart. No
 * outbox: a baseline that publishes no events writes none, which is an advantage of the baselines.
 */
const SCHEMA = `
  create schema if not exists bench;
  create table bench.policies (
    id bigint generated always as identity primary key,
    max_issue_count integer not null,
    current_issue_count integer not null default 0,
    valid_from timestamptz not null default now(),
    valid_until timestamptz not null default now() + interval '1 day',
    valid_days integer not null default 30
  );
  create table bench.coupons (
    id bigint generated always as identity primary key,
    policy_id bigint not null,
    user_id bigint not null,
    status text not null default 'ISSUED',
    sequence_no integer not null,
    issued_at timestamptz not null default clock_timestamp(),
    expires_at timestamptz not null,
    version integer not null default 0,
    unique (policy_id, user_id),
    unique (policy_id, sequence_no)
  )`;

export async function createBaselineTables(client: ClientBase): Promise<void> {
  await client.query(SCHEMA);
}

export async function createBaselinePolicy(client: ClientBase, maxIssueCount: number): Promise<string> {
  const created = await client.query<{ id: string }>(
    'insert into bench.policies (max_issue_count) values ($1) returning id::text',
    [maxIssueCount],
  );
  const [row] = created.rows;
  if (row === undefined) throw new Error('no policy created');
  return row.id;
}
