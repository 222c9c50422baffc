import { getTableColumns } from 'drizzle-orm';
import { POLICY_EDIT } from '../../../src/contexts/coupon/adapters/postgres/policy/policy-mappings.ts';
import { couponPolicies } from '../../../src/contexts/coupon/adapters/postgres/schema.ts';
import { policy, terms } from '../../../src/contexts/coupon/test/policies.ts';
import { HOUR_MS } from '../../../src/platform/kernel/durations.ts';
import { chanceOf } from '../chance.ts';
import { type Owner, openKernel } from '../kernel.ts';
import type { Simulated } from '../simulate.ts';
import { openBus } from './bus.ts';
import { checkOut, type Ended } from './checkouts.ts';
import { type CustomerRequest, customersOf } from './customers.ts';
import { openHistory } from './history.ts';
import { problemsIn } from './invariants.ts';
import { issueCalls } from './issue-calls.ts';
import { manage } from './managers.ts';
import { openNetwork } from './network.ts';
import { openPostgres } from './postgres.ts';
import { openProcesses } from './processes.ts';
import { openRedis, useRedis } from './redis.ts';
import { watchReservations } from './reservations.ts';
import { type Shape, shapeOf } from './shape.ts';
import { POLICIES, type Tables } from './tables.ts';
import { NO_TROUBLE } from './trouble.ts';
import { useVirtualTime } from './virtual-time.ts';
import type { Cluster } from './world.ts';

const START_MS = Date.UTC(2026, 2, 1, 3);
const OPENS_MAX_MS = 2_500;
/** More than any run takes. */
const STEPS_MAX = 20_000;

/** One run of a rush over a cluster, decided by its seed alone. */
export async function simulateCluster(seed: number, isTraced = false): Promise<Simulated> {
  const chance = chanceOf(seed);
  const trace: string[] = [];
  const problems: string[] = [];
  const kernel = openKernel(chance, START_MS, isTraced ? trace : undefined);
  const complain = (problem: string) => {
    kernel.say('PROBLEM', () => problem);
    problems.push(problem);
  };
  const shape = shapeOf(chance);
  let trouble = shape.trouble;
  let lastId = 0n;
  const history = openHistory(kernel);
  const watch = watchReservations(kernel, complain);
  const postgres = openPostgres(kernel, complain, () => {
    history.record(postgres.tables);
    watch(postgres.tables);
  });
  const network = openNetwork({ kernel, slow: () => trouble.slow });
  const redis = chance.happens(0.5) ? openRedis(kernel, network, () => trouble) : undefined;
  const cluster: Cluster = {
    kernel,
    complain,
    history,
    calls: issueCalls(complain),
    postgres,
    network,
    redis,
    isAway: () => postgres.isAway(),
    nextId() {
      lastId += 1n;
      return lastId;
    },
    trouble: () => trouble,
    machines: new Map(),
  };
  const policyIds = addPolicies(cluster, shape);
  history.record(postgres.tables);
  const users = Array.from({ length: chance.between(2, 7) }, (_, place) => BigInt(place + 101));
  /** They send a key with each request. */
  const careful = new Set(users.filter(() => chance.happens(0.4)));
  const bus = openBus(cluster);
  const monotonicOf = ({ name }: Owner) => cluster.machines.get(name)?.monotonic() ?? kernel.clock();
  const restore = await useVirtualTime(kernel, monotonicOf);
  useRedis(redis);
  try {
    const processes = openProcesses(cluster, bus, shape);
    const customers = customersOf(cluster, processes.entrances);
    /** How likely a coupon is reserved. */
    const checkouts = chance.of([0, 0.7]);
    const ended: Ended[] = [];
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
    const requestOf = (userId: bigint, policyId: bigint, key: string): CustomerRequest =>
      careful.has(userId) ? { policyId, userId, key } : { policyId, userId };
    const checkOutOne = async (userId: bigint): Promise<void> => {
      const own = customers.acknowledged.filter((each) => each.userId === userId);
      await checkOut(cluster, processes.nodes, chance.of(own), ended);
    };
    const visit = async (userId: bigint): Promise<void> => {
      const customer = { name: 'customer', status: 'UP' } as const;
      await kernel.until(customer, kernel.clock() + chance.below(chance.of([30, 2_500])), '');
      for (let requests = shape.requests(); requests > 0; requests--) {
        const request = requestOf(userId, chance.of(policyIds), `${requests}`);
        // Some send it twice at once, some after they got no response, some by mistake with another body.
        const times = chance.happens(0.25) ? [1, 2] : [1];
        const responses = await Promise.all(times.map(() => customers.request(request)));
        while (responses.includes(undefined) && chance.happens(0.7)) responses[0] = await customers.request(request);
        if (responses.includes('coupon') && chance.happens(checkouts)) begin(checkOutOne(userId));
        if (chance.happens(0.1)) await customers.request({ ...request, policyId: chance.of(policyIds) });
        await kernel.until(customer, kernel.clock() + chance.of(shape.pausesMs), '');
      }
    };
    for (const userId of users) begin(visit(userId));
    for (let changes = shape.changes(); changes > 0; changes--)
      begin(manage(cluster, processes.nodes, chance.of(policyIds), shape.managing));

    while (busy > 0 && kernel.steps() < STEPS_MAX) {
      await processes.befall();
      if (!(await kernel.step())) kernel.pass(1_000);
    }
    kernel.say('END', () => 'everything is there again, nothing more goes wrong, and every user asks again');
    trouble = NO_TROUBLE;
    processes.recover();
    const finish = async (userId: bigint, policyId: bigint): Promise<void> => {
      const customer = { name: 'customer', status: 'UP' } as const;
      while (!processes.nodes().every((node) => node.isIdle())) await kernel.until(customer, kernel.clock() + 500, '');
      // After all refusals from before have aged, and every policy has opened.
      await kernel.until(customer, Math.max(kernel.clock() + 1_100, START_MS + OPENS_MAX_MS + 1_100), '');
      // And once more, by what the first time has brought into the caches.
      for (const times of ['first', 'second']) {
        const request = requestOf(userId, policyId, `${times} at the end, ${policyId}`);
        while ((await customers.request(request)) === undefined);
      }
    };
    for (const userId of users) for (const policyId of policyIds) begin(finish(userId, policyId));
    const isReserved = () => [...postgres.tables.reservations.values()].some(({ status }) => status === 'PENDING');
    // Until the end: what a session still does for a client that is gone may reserve a coupon late.
    const endReservations = async (): Promise<void> => {
      for (;;) {
        await kernel.until({ name: 'scheduler', status: 'UP' }, kernel.clock() + 500, '');
        if (isReserved()) chance.of(processes.nodes()).endReservations();
      }
    };
    void endReservations();
    const isAtRest = () => busy === 0 && postgres.tables.outbox.size === 0 && bus.isDrained() && !isReserved();
    while (!isAtRest() && kernel.steps() < 2 * STEPS_MAX) await kernel.step();
    if (!isAtRest()) complain('no rest');
    problems.push(
      ...problemsIn({ tables: postgres.tables, users, careful, acknowledged: customers.acknowledged, ended }),
    );
    const ends = new Set(customers.outcomes.keys());
    for (const { status } of postgres.tables.reservations.values()) ends.add(`reservation ${status}`);
    return { seed, problems, trace, ends: [...ends], steps: kernel.steps() };
  } finally {
    useRedis(undefined);
    restore();
  }
}

function addPolicies({ kernel: { chance, clock }, nextId, postgres }: Cluster, shape: Shape): readonly bigint[] {
  const ids = Array.from({ length: shape.policies() }, nextId);
  for (const id of ids) add(postgres.tables, id);
  return ids;

  function add(tables: Tables, id: bigint): void {
    const opensInMs = chance.happens(0.2) ? chance.below(OPENS_MAX_MS) : -HOUR_MS;
    const given = terms({
      maxIssueCount: chance.between(1, shape.stockMax),
      maxIssuePerUser: chance.of([1, 1, 1, 2]),
      validFrom: new Date(clock() + opensInMs),
      validUntil: new Date(clock() + HOUR_MS),
    });
    const status = opensInMs > 0 ? 'PENDING' : 'ACTIVE';
    const model = POLICY_EDIT.toModel(policy(id, { terms: given, status })) as Record<string, unknown>;
    const row = Object.fromEntries(
      Object.entries(getTableColumns(couponPolicies)).flatMap(([key, { name }]) =>
        model[key] === undefined ? [] : [[name, model[key]]],
      ),
    );
    tables.policies.set(id, { ...POLICIES.defaults, ...row });
  }
}
