import { describe, expect, it } from 'vitest';
import { openHosts } from './hosts.ts';
import { pooled } from './pooled-statement.ts';
import { sessionConfig } from './session.ts';

describe('a statement for a pooler', () => {
  it.each([
    'set statement_timeout = 0',
    "  SET SESSION work_mem = '1MB'",
    'reset all',
    'listen outbox',
    'unlisten *',
    'prepare p as select 1',
    'deallocate p',
    'discard all',
    'create temp table t (n int)',
    'CREATE LOCAL TEMPORARY TABLE t (n int)',
    'declare c cursor with hold for select 1',
    'select pg_advisory_lock(1)',
    'select pg_try_advisory_lock_shared(1)',
    'select pg_advisory_unlock_all()',
    "select set_config('a.b', $1, false)",
  ])('%s is refused, because it leaves state in the session', (text) => {
    expect(() => pooled([text])).toThrow('a session behind a pooler keeps no state');
    expect(() => pooled([{ text, values: [] }])).toThrow('a session behind a pooler keeps no state');
  });

  it.each([
    'set local statement_timeout = 0',
    'set constraints all deferred',
    'select pg_advisory_xact_lock(1)',
    'select pg_try_advisory_xact_lock(1)',
    "select set_config('a.b', $1, true)",
    'update t set n = 1',
    'create table temperatures (n int)',
    "insert into t values ('set x')",
  ])('%s is sent as it is', (text) => {
    expect(pooled([text, [1]])).toEqual([text, [1]]);
  });

  it('a named statement is sent without its name', () => {
    const callback = () => {};
    const [sent, ...rest] = pooled([{ name: 'find', text: 'select $1', values: [1] }, callback]);
    expect(sent).toEqual({ name: undefined, text: 'select $1', values: [1] });
    expect(rest).toEqual([callback]);
  });
});

it('a session behind a pooler sends no settings as startup parameters, and waits as long as one without', () => {
  const hosts = openHosts('postgres://u@localhost/d');
  const options = { name: 'test', statementMs: 10_000, options: '-c enable_sort=off' };
  const direct = sessionConfig(hosts, options);
  const behind = sessionConfig(hosts, { ...options, pooled: true });
  expect(direct).toMatchObject({ statement_timeout: 10_000, options: expect.stringContaining('enable_sort') });
  expect(behind).not.toHaveProperty('options');
  expect(behind).not.toHaveProperty('statement_timeout');
  expect(behind.responseTimeoutMs).toBe(direct.responseTimeoutMs);
});
