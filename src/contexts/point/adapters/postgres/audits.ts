import type { Audit } from '../../../../platform/context.ts';
import { sqlAudit } from '../../../../platform/postgres/sql-audit.ts';

/**
 * An audit that recounts an invariant of the ledger from its entries. It does not rely on constraints or indexes, because it must also
 * find what they should have prevented. A coupon policy has no points, so an audit of one policy checks nothing here.
 */
function ledgerAudit(name: string, query: string): Audit {
  const audit = sqlAudit(name, query);
  return {
    name,
    run: async (snapshot, scope) =>
      scope.policyId === undefined ? audit.run(snapshot, scope) : { ok: true, figures: { points: 0 }, violations: [] },
  };
}

/** Uses the one parameter of every audit query, the policy. */
const ALL = '$1::bigint is null';

const BALANCED = ledgerAudit(
  'the entries of each point transaction sum to 0',
  `
  with summed as (
    select transaction_id, count(*) as lines, count(distinct account) as accounts, count(distinct user_id) as users,
      min(user_id) as user_id, sum(amount) as total, coalesce(sum(amount) filter (where account = 'USER'), 0) as effect
    from point.entries where ${ALL} group by transaction_id
  ), judged as (
    select coalesce(t.id, s.transaction_id) as id, coalesce(lines, 0) as lines, case
      when t.id is null then format('transaction %s has entries, but does not exist', transaction_id)
      when coalesce(lines, 0) < 2 or accounts < 2 then format('transaction %s has %s entries', t.id, coalesce(lines, 0))
      when total <> 0 then format('the entries of transaction %s sum to %s', t.id, total)
      when users > 1 or s.user_id <> t.user_id then format('transaction %s has entries of another user', t.id)
      when effect <> t.amount then format('transaction %s says %s, its entries %s', t.id, t.amount, effect)
    end as violation
    from point.transactions as t full join summed as s on s.transaction_id = t.id
  )
  select json_build_object('transactions', count(*), 'entries', coalesce(sum(lines), 0)) as figures,
    count(violation)::int as broken,
    (array_agg(violation order by id) filter (where violation is not null))[1:5] as examples
  from judged`,
);

const CONSERVED = ledgerAudit(
  'balance = sum of entries = sum of what is left of the lots, and neither it nor what is held is below 0',
  `
  with entered as (
    select user_id, coalesce(sum(amount) filter (where account = 'USER'), 0) as balance,
      coalesce(sum(amount) filter (where account = 'HELD'), 0) as held
    from point.entries where ${ALL} group by user_id
  ), lots as (
    select user_id, sum(remaining) as remaining from point.lots group by user_id
  ), compared as (
    select coalesce(a.user_id, e.user_id, l.user_id) as user_id, a.balance, a.held, coalesce(e.balance, 0) as entered,
      coalesce(e.held, 0) as entered_held, coalesce(remaining, 0) as remaining
    from point.accounts as a full join entered as e on e.user_id = a.user_id
      full join lots as l on l.user_id = coalesce(a.user_id, e.user_id)
  ), judged as (
    select *, case
      when balance is null then format('user %s has points, but no account', user_id)
      when balance <> entered or balance <> remaining then
        format('user %s: balance %s, entries %s, lots %s', user_id, balance, entered, remaining)
      when held <> entered_held then format('user %s: %s held, entries %s', user_id, held, entered_held)
      when balance < 0 or held < 0 then format('user %s has %s points and %s held', user_id, balance, held)
    end as violation
    from compared
  )
  select json_build_object('accounts', count(*), 'balance', coalesce(sum(balance), 0), 'held', coalesce(sum(held), 0))
      as figures,
    count(violation)::int as broken,
    (array_agg(violation order by user_id) filter (where violation is not null))[1:5] as examples
  from judged`,
);

const LOTS = ledgerAudit(
  'no lot is negative or overfull, and each is what its moves say',
  `
  with moved as (
    select lot_id, sum(amount) as total from point.lot_moves where ${ALL} group by lot_id
  ), judged as (
    select l.id, l.remaining, case
      when l.id is null then format('lot %s has moves, but does not exist', lot_id)
      when remaining < 0 or remaining > amount then format('lot %s of %s has %s left', l.id, amount, remaining)
      when remaining <> coalesce(total, 0) then
        format('lot %s has %s left, its moves say %s', l.id, remaining, coalesce(total, 0))
      when open <> (remaining > 0) then format('lot %s has %s left and counts as %s', l.id, remaining,
        case when open then 'open' else 'empty' end)
    end as violation
    from point.lots as l full join moved as m on m.lot_id = l.id
  )
  select json_build_object('lots', count(*), 'left', coalesce(sum(remaining), 0)) as figures,
    count(violation)::int as broken,
    (array_agg(violation order by id) filter (where violation is not null))[1:5] as examples
  from judged`,
);

const MOVES = ledgerAudit(
  'what a transaction moves between lots is what it does to the balance',
  `
  with moved as (
    select transaction_id, sum(amount) as total from point.lot_moves where ${ALL} group by transaction_id
  ), judged as (
    select t.id, case when t.id is null or t.amount <> coalesce(total, 0) then
      format('transaction %s does %s to the balance and %s to lots', coalesce(t.id, transaction_id), t.amount,
        coalesce(total, 0))
    end as violation
    from point.transactions as t full join moved as m on m.transaction_id = t.id
  )
  select json_build_object('transactions', count(id)) as figures, count(violation)::int as broken,
    (array_agg(violation order by id) filter (where violation is not null))[1:5] as examples
  from judged`,
);

const HELD = ledgerAudit(
  'what is held is the sum of the holds that are open',
  `
  with open as (
    select user_id, sum(amount) as amount from point.holds where state = 'HELD' and (${ALL}) group by user_id
  ), judged as (
    select user_id, coalesce(a.held, 0) as held, case when coalesce(a.held, 0) <> coalesce(o.amount, 0) then
      format('user %s: %s held, the holds sum to %s', user_id, coalesce(a.held, 0), coalesce(o.amount, 0))
    end as violation
    from point.accounts as a full join open as o using (user_id)
  )
  select json_build_object('held', coalesce(sum(held), 0), 'holds', (select count(*) from point.holds where state = 'HELD'))
      as figures,
    count(violation)::int as broken,
    (array_agg(violation order by user_id) filter (where violation is not null))[1:5] as examples
  from judged`,
);

const KEYS = ledgerAudit(
  'a key of a user has one transaction, and what is reversed is reversed once',
  `
  with keys as (
    select user_id, key, count(*) as times from point.transactions where key is not null and (${ALL}) group by user_id, key
  ), reversed as (
    select s.id, s.amount, s.type, sum(case when c.type = 'CANCEL' then abs(c.amount) else 0 end) as given
    from point.transactions as c join point.transactions as s on s.id = c.source_id group by s.id, s.amount, s.type
  ), violations as (
    select format('user %s has %s transactions with the key %s', user_id, times, key) as violation from keys where times > 1
    union all
    select format('transaction %s of %s was reversed by %s', id, amount, given) from reversed where given > abs(amount)
  )
  select json_build_object('keys', (select count(*) from keys)) as figures, count(*)::int as broken,
    (array_agg(violation order by violation))[1:5] as examples
  from violations`,
);

/** The invariants of README.md. */
export const pointAudits: readonly Audit[] = [BALANCED, CONSERVED, LOTS, MOVES, HELD, KEYS];
