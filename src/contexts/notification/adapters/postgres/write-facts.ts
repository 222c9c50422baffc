import type pg from 'pg';
import type { IdSource } from '../../../../platform/kernel/ids.ts';
import { causesOf, classifyFailure } from '../../../../platform/postgres/failures.ts';
import type { RejectedFact } from '../../application/ports.ts';
import type { NoticeFact } from '../../domain/notice-fact.ts';
import { dropNotices } from './drop-notices.ts';
import { forgetUsers } from './forget-users.ts';
import { lockInboxes } from './inbox-locks.ts';
import { type WrittenNotice, writeNotices } from './write-notices.ts';

export interface WrittenFacts {
  readonly notices: readonly WrittenNotice[];
  readonly rejected: readonly RejectedFact[];
}

export type WriteFacts = (client: pg.ClientBase, facts: readonly NoticeFact[], ids: Ids) => Promise<WrittenFacts>;
type Ids = { readonly nextId: IdSource; readonly nowMs: number };

const REJECT = `insert into notification.rejected_facts (fact, error) values ($1, $2) returning id`;

/** Does what the facts ask for, in their order of kinds. Throws when one of them cannot be written. */
export const writeFacts: WriteFacts = async (client, facts, ids) => {
  // All in one ascending order. `writeNotices` locks the inboxes of its notices itself.
  if (facts.some(({ what }) => what !== 'NOTICE')) {
    await lockInboxes(
      client,
      facts.map(({ userId }) => BigInt(userId)),
    );
  }
  const notices = await writeNotices(client, wanted(facts, 'NOTICE'), ids);
  await dropNotices(client, wanted(facts, 'DROP'));
  await forgetUsers(
    client,
    wanted(facts, 'FORGET').map(({ userId }) => userId),
  );
  return { notices, rejected: [] };
};

/**
 * The same for facts of which some are bad: halves them until they are found, and sets them aside.
 * @param isOfOne whether an error can be that of one fact. Any other is thrown.
 */
export const writeGoodFacts =
  (isOfOne: (error: unknown) => boolean): WriteFacts =>
  (client, facts, ids) => {
    // So that the halves, one after the other, lock inboxes in ascending order.
    const byUser = facts.toSorted((a, b) => Number(BigInt(a.userId) - BigInt(b.userId)));
    return writeHalves(client, byUser, ids, isOfOne);
  };

/**
 * The same for errors that may be of all facts, such as a missing privilege: they are of some facts only where others of the transaction can be
 * written. Throws the error of the first when none can.
 */
export const bisectFacts: WriteFacts = async (client, facts, ids) => {
  let first: unknown;
  const written = await writeGoodFacts((error) => {
    first ??= error;
    return classifyFailure(error) === 'poison';
  })(client, facts, ids);
  if (written.rejected.length === facts.length) throw first;
  return written;
};

async function writeHalves(
  client: pg.ClientBase,
  facts: readonly NoticeFact[],
  ids: Ids,
  isOfOne: (error: unknown) => boolean,
): Promise<WrittenFacts> {
  await client.query('savepoint facts');
  try {
    const written = await writeFacts(client, facts, ids);
    await client.query('release savepoint facts');
    return written;
  } catch (error) {
    if (!isOfOne(error)) throw error;
    await client.query('rollback to savepoint facts; release savepoint facts');
    const [fact] = facts;
    if (facts.length === 1 && fact !== undefined) return await reject(client, fact, error);
    const middle = Math.ceil(facts.length / 2);
    const first = await writeHalves(client, facts.slice(0, middle), ids, isOfOne);
    const second = await writeHalves(client, facts.slice(middle), ids, isOfOne);
    return {
      notices: [...first.notices, ...second.notices],
      rejected: [...first.rejected, ...second.rejected],
    };
  }
}

async function reject(client: pg.ClientBase, fact: NoticeFact, error: unknown): Promise<WrittenFacts> {
  const reason = String(error);
  const { rows } = await client.query<{ id: bigint }>(REJECT, [JSON.stringify(fact), reason]);
  return { notices: [], rejected: rows.map(({ id }) => ({ id, reason })) };
}

/**
 * Is it what the facts, or the inboxes that they are for, have in them: 22 data, 23 constraints, 54 limits? Anything else would hold for all facts, as long as
 * it lasts.
 */
export function isDataError(thrown: unknown): boolean {
  for (const error of causesOf(thrown)) if ('code' in error && /^(22|23|54)/.test(String(error.code))) return true;
  return false;
}

/** The facts of one kind, with their users as ids. */
const wanted = <What extends NoticeFact['what']>(facts: readonly NoticeFact[], what: What) =>
  facts
    .filter((fact): fact is Extract<NoticeFact, { readonly what: What }> => fact.what === what)
    .map((fact) => ({ ...fact, userId: BigInt(fact.userId) }));
