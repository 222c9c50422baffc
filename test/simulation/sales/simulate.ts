import { product, timeSale } from '../../../src/contexts/order/test/catalog.ts';
import { memoryOrderStore, memoryOrders } from '../../../src/contexts/order/test/memory/order-store.ts';
import { HOUR_MS, MINUTE_MS } from '../../../src/platform/kernel/durations.ts';
import { chanceOf } from '../chance.ts';
import { chronicle } from '../chronicle.ts';
import { openNetwork } from '../cluster/network.ts';
import { openRedis, useRedis } from '../cluster/redis.ts';
import { useVirtualTime } from '../cluster/virtual-time.ts';
import { type Owner, openKernel } from '../kernel.ts';
import type { Simulated } from '../simulate.ts';
import { orderTimeProblems } from '../time-problems.ts';
import { administer } from './administrators.ts';
import { saleCustomers } from './customers.ts';
import { saleHistory } from './history.ts';
import { restProblems, saleProblems, unitsHeld } from './invariants.ts';
import { saleProcesses } from './processes.ts';
import { NO_TROUBLE, troubleOf } from './trouble.ts';
import type { SaleWorld } from './world.ts';

const START_MS = Date.UTC(2026, 2, 1, 3);
/** More than any run takes. */
const STEPS_MAX = 20_000;

/** One run of time sales over several nodes, decided by its seed alone. */
export async function simulateSales(seed: number, isTraced = false): Promise<Simulated> {
  const chance = chanceOf(seed);
  const trace: string[] = [];
  const problems: string[] = [];
  const kernel = openKernel(chance, START_MS, isTraced ? trace : undefined);
  const complain = (problem: string) => {
    kernel.say('PROBLEM', () => problem);
    problems.push(problem);
  };
  let trouble = troubleOf(chance);
  let lastId = 1_000n;
  const state = memoryOrders();
  const history = saleHistory(kernel);
  const story = chronicle(kernel, complain);
  const store = memoryOrderStore(
    state,
    {
      afterCommit(decision) {
        const held = unitsHeld(state);
        history.record(state, held);
        story.write(decision, state);
        for (const problem of [...saleProblems(state, held), ...orderTimeProblems(decision, state, kernel.clock())])
          complain(problem);
      },
    },
    kernel.clock,
  );
  const network = openNetwork({ kernel, slow: () => trouble.slow });
  const redis = chance.happens(0.6) ? openRedis(kernel, network, () => trouble) : undefined;
  const world: SaleWorld = {
    kernel,
    complain,
    network,
    redis,
    postgres: { name: 'postgres', status: 'UP' },
    state,
    store,
    history,
    nextId() {
      lastId += 1n;
      return lastId;
    },
    isAway: () => false,
    trouble: () => trouble,
    machines: new Map(),
  };
  putOnSale(world);
  history.record(state, unitsHeld(state));
  const monotonicOf = ({ name }: Owner) => world.machines.get(name)?.monotonic() ?? kernel.clock();
  const restore = await useVirtualTime(kernel, monotonicOf);
  useRedis(redis);
  try {
    const processes = saleProcesses(world);
    const customers = saleCustomers(world, processes.nodes);
    let busy = 0;
    const begin = (work: Promise<void>) => {
      busy += 1;
      work.then(
        () => (busy -= 1),
        (error: unknown) => {
          busy -= 1;
          complain(String(error));
        },
      );
    };
    for (let userId = 101n, last = 100n + BigInt(chance.between(2, 6)); userId <= last; userId++)
      begin(customers.visit(userId));
    for (let changes = chance.below(4); changes > 0; changes--) begin(administer(world));
    while (busy > 0 && kernel.steps() < STEPS_MAX) {
      processes.befall();
      if (!(await kernel.step())) kernel.pass(1_000);
    }

    kernel.say('END', () => 'everything is there again, nothing more goes wrong, and every user asks again');
    trouble = NO_TROUBLE;
    processes.recover();
    begin(customers.askOnceMore());
    const isAtRest = () =>
      busy === 0 && processes.nodes().every((node) => node.isIdle()) && restProblems(state).length === 0;
    while (!isAtRest() && kernel.steps() < 2 * STEPS_MAX) {
      if (chance.happens(0.05)) chance.of(processes.nodes()).resumeOrders();
      if (!(await kernel.step())) kernel.pass(1_000);
    }
    if (!isAtRest()) problems.push('no rest', ...restProblems(state));
    return { seed, problems, trace, ends: [...customers.outcomes.keys()], steps: kernel.steps() };
  } finally {
    useRedis(undefined);
    restore();
  }
}

/** One or two small sales, so that their units come back and are taken again all the time. */
function putOnSale({ kernel: { chance }, state }: SaleWorld): void {
  for (let place = 1n, sales = BigInt(chance.of([1, 1, 2])); place <= sales; place++) {
    const [productId, id] = [10n + place, 20n + place];
    const stock = chance.between(1, 3);
    const opensInMs = chance.happens(0.1) ? chance.below(1_500) : -HOUR_MS;
    const terms = {
      ...{ productId, stock, limitPerUser: chance.of([1, 1, 2]) },
      startsAtMs: START_MS + opensInMs,
      endsAtMs: START_MS + (chance.happens(0.1) ? 3_000 : 5 * MINUTE_MS),
    };
    const aside = stock + 4;
    state.products.set(productId, { ...product(productId, { stock: aside }), stock: 4 });
    state.timeSales.set(id, timeSale(id, terms));
  }
}
