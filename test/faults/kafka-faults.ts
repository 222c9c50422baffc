import { setTimeout as sleep } from 'node:timers/promises';
import { expect, vi } from 'vitest';
import type { Kafka } from '../../tools/kafka/start.ts';
import { readTopic } from '../support/kafka-topic.ts';
import type { KafkaStand } from './kafka-stand.ts';
import { startTraffic, type Traffic, WRITERS, type Written } from './kafka-traffic.ts';

const RECOVERY = { timeout: 90_000, interval: 100 };
/** Within this time the others detect a lost leader or a session that timed out. */
const PROGRESS = { timeout: 60_000, interval: 50 };

export type Fault<Brokers = unknown> = (stand: KafkaStand<Brokers>, traffic: Traffic) => Promise<void>;

export const KAFKA_FAULTS: Readonly<Record<string, Fault<Kafka>>> = {
  'broker that is killed and comes back': async ({ kafka }) => {
    await kafka.kill();
    await sleep(1_500);
    await kafka.restart();
  },
  'broker that is frozen for a while': async ({ kafka }) => {
    await kafka.freeze();
    await sleep(3_000);
    await kafka.thaw();
  },
  'consumer that is killed in the middle of a batch': async ({ consumers: [victim] }) => {
    await victim.inHand();
    await victim.killAndRestart();
  },
  'consumer that is frozen past its session, with a batch in hand': async (stand, { name }) => {
    const [frozen, other] = stand.consumers;
    await frozen.inHand();
    frozen.signal('SIGSTOP');
    const before = await effects(stand, name);
    // All of its partitions go on without it, also those whose events it has claimed.
    await vi.waitFor(async () => {
      expect(await keysBeyond(stand, name, before)).toBe(WRITERS);
    }, PROGRESS);
    frozen.signal('SIGCONT');
    // It finds its place taken, joins again and gets a share.
    await Promise.all([frozen.inHand(), other.inHand()]);
  },
};

/** Traffic and poison, the fault `times` times in the middle of it, and then everything that was promised. */
export async function expectNothingLost<Brokers>(
  stand: KafkaStand<Brokers>,
  fault: Fault<Brokers>,
  times: number,
  poison: number,
): Promise<void> {
  const traffic = startTraffic(stand, poison);
  try {
    await stand.consumers[0].inHand();
    for (let time = 0; time < times; time++) {
      await fault(stand, traffic);
      const before = await effects(stand, traffic.name);
      await vi.waitFor(async () => expect(await effects(stand, traffic.name)).toBeGreaterThan(before), PROGRESS);
    }
  } finally {
    await traffic.stop();
  }
  await expectAll(stand, await traffic.stop());
}

async function expectAll(stand: KafkaStand, { name, counts, poison }: Written): Promise<void> {
  const written = [...counts.values()].reduce((sum, count) => sum + count, 0);
  await vi.waitFor(async () => expect(await effects(stand, name)).toBe(written - poison.length), RECOVERY);
  const { rows } = await stand.pool.query<{ key: string; numbers: number[] }>(
    'select key, array_agg(n order by id) as numbers from effects where starts_with(key, $1) group by key',
    [name],
  );
  for (const [key, count] of counts) {
    const good = Array.from({ length: count }, (_, i) => i + 1).filter((n) => !poison.includes(`${key}-${n}`));
    expect(rows.find((row) => row.key === key)?.numbers).toEqual(good);
  }
  const deadLetters = await readTopic(stand.settings, 'coupon.issued.DLQ');
  const names = deadLetters.map(({ key, value }) => `${key}-${JSON.parse(value).data.n}`);
  expect([...new Set(names)].filter((each) => each.startsWith(name)).toSorted()).toEqual(poison.toSorted());
}

/** How many effects the events of this traffic have had. */
export async function effects({ pool }: KafkaStand, name: string): Promise<number> {
  const { rows } = await pool.query<{ count: number }>(
    'select count(*)::int as count from effects where starts_with(key, $1)',
    [name],
  );
  return rows[0]?.count ?? 0;
}

/** Keys that had effects after so many of them. */
async function keysBeyond({ pool }: KafkaStand, name: string, count: number): Promise<number> {
  const { rows } = await pool.query<{ keys: number }>(
    `select count(distinct key)::int as keys
     from (select key from effects where starts_with(key, $1) order by id offset $2) as later`,
    [name, count],
  );
  return rows[0]?.keys ?? 0;
}
