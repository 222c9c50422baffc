import { orderEvents } from '../../src/contexts/order/application/order-events.ts';
import { type Order, statusOf } from '../../src/contexts/order/domain/order.ts';
import { decideLedger } from '../../src/contexts/point/domain/ledger.ts';
import { DAY_MS, MINUTE_MS } from '../../src/platform/kernel/durations.ts';
import { noAnswers } from './answers.ts';
import { BALANCE_MAX } from './batchers.ts';
import { chanceOf } from './chance.ts';
import { chronicle } from './chronicle.ts';
import { meddle, visit } from './customers.ts';
import { problemsIn } from './invariants.ts';
import { openKernel } from './kernel.ts';
import { CONSUMERS, openMessages } from './messages.ts';
import { openProcesses, type Processes } from './processes.ts';
import { simulatedProvider } from './provider.ts';
import { openShop, type Shop, START_MS } from './shop.ts';
import { NO_TROUBLE, troubleOf } from './trouble.ts';
import type { Away, World } from './world.ts';

export interface Simulated {
  readonly seed: number;
  /** None: everything holds. */
  readonly problems: readonly string[];
  readonly trace: readonly string[];
  /** How each order, charge and earning ended, so that a run in which little happened is not taken for a proof. */
  readonly ends: readonly string[];
  readonly steps: number;
}

/** More than any run takes. */
const STEPS_MAX = 30_000;
const ROUNDS_MAX = 300;

/** One run, decided by its seed alone. */
export async function simulate(seed: number, isTraced = false): Promise<Simulated> {
  const chance = chanceOf(seed);
  const trace: string[] = [];
  const problems: string[] = [];
  const kernel = openKernel(chance, START_MS, isTraced ? trace : undefined);
  const complain = (problem: string) => {
    kernel.say('PROBLEM', () => problem);
    problems.push(problem);
  };
  let trouble = troubleOf(chance);
  const away = new Set<Away>();
  const messages = openMessages(chance);
  const story = chronicle(kernel, complain);
  const shop: Shop = openShop(kernel, complain, (decision) => {
    story.write(decision, shop.orders.state);
    messages.relay(orderEvents(decision));
  });
  await givePoints(shop, chance.of([0n, 900n, 60_000n, 60_000n]));
  const most = { kernel, shop, messages, complain, trouble: () => trouble, isAway: (what: Away) => away.has(what) };
  const world: World = { ...most, provider: simulatedProvider(most) };
  const processes = openProcesses(world, away);
  const answers = noAnswers();

  let busy = 0;
  const begin = (visitor: Promise<void>) => {
    busy += 1;
    visitor.then(
      () => (busy -= 1),
      (error: unknown) => {
        busy -= 1;
        complain(String(error));
      },
    );
  };
  const deps = { world, answers, ask: processes.ask };
  for (let number = 1, visits = chance.between(1, 10); number <= visits; number++) begin(visit(deps, number));
  for (let count = chance.below(3); count > 0; count--) begin(meddle(deps));

  while (busy > 0 && kernel.steps() < STEPS_MAX) {
    await processes.befall();
    if (!(await kernel.step())) kernel.pass(1_000);
  }
  kernel.say('END', () => 'everything is there again, nothing more goes wrong, and time passes');
  trouble = NO_TROUBLE;
  processes.recover();
  world.provider.close();
  await comeToRest(world, processes, complain);
  problems.push(...problemsIn(world, answers, story));
  return { seed, problems, trace, ends: endsIn(shop), steps: kernel.steps() };
}

async function givePoints(shop: Shop, amount: bigint): Promise<void> {
  if (amount === 0n) return;
  const rules = { nowMs: START_MS, nextId: shop.nextId, balanceMax: BALANCE_MAX };
  const commands = shop.users.flatMap((userId) =>
    [3 * MINUTE_MS, DAY_MS].map((lastsMs) => ({
      kind: 'EARN' as const,
      userId,
      key: `given ${lastsMs}`,
      contentHash: '',
      amount,
      reason: '',
      by: '',
      availableAtMs: null,
      expiresAtMs: START_MS + lastsMs,
    })),
  );
  await shop.points.store.changeBatch(commands, (seen) => decideLedger(seen, commands, rules), START_MS);
}

/** Lets time pass, and everything that is due happen, until nothing is. */
async function comeToRest(world: World, processes: Processes, complain: (problem: string) => void): Promise<void> {
  const { kernel, shop, messages, provider } = world;
  const idle = async () => {
    while (kernel.steps() < 2 * STEPS_MAX && (await kernel.step()));
  };
  for (let rounds = 0; rounds < ROUNDS_MAX; rounds++) {
    // First: a node that does not know the time handles no event that moves points.
    processes.keepTime();
    await idle();
    if (CONSUMERS.some((consumer) => messages.waiting(consumer) > 0) || provider.reports.size > 0) {
      processes.deliverAll();
      continue;
    }
    processes.runJobs();
    await idle();
    const dues = await Promise.all([shop.orders.store.nextDueMs(), shop.points.store.nextChargeMs()]);
    const dueMs = Math.min(...dues.map((due) => due ?? Number.POSITIVE_INFINITY));
    if (dueMs !== Number.POSITIVE_INFINITY) {
      kernel.pass(Math.max(0, dueMs - kernel.clock()));
      continue;
    }
    // Also reservations of coupons that no order knows end by then.
    if (kernel.clock() >= START_MS + 2 * DAY_MS) return;
    kernel.pass(DAY_MS);
  }
  complain(`no rest after ${ROUNDS_MAX} rounds`);
}

function endsIn({ orders, points }: Shop): readonly string[] {
  return [
    ...[...orders.state.orders.values()].map((order) => `order ${outcomeOf(order)}`),
    ...[...points.charges.values()].map(
      ({ state }) => `charge ${state.status}${state.status === 'FAILED' ? ` ${state.refusal.code}` : ''}`,
    ),
    ...[...points.earnings.values()]
      .filter(({ earned }) => earned > 0n)
      .map(({ taken }) => (taken > 0n ? 'earning taken back' : 'earning kept')),
    ...points.postings.flatMap(({ transaction: { type, receivable } }) =>
      type === 'CANCEL' && receivable > 0n ? ['earning owed'] : [],
    ),
  ];
}

function outcomeOf({ state }: Order): string {
  const why = state.status === 'ENDED' && state.ending.status === 'FAILED' ? ` ${state.ending.refusal.code}` : '';
  return `${statusOf(state)}${why}`;
}
