import { failureOf } from '../../src/platform/events/handler-failure.ts';
import { MINUTE_MS } from '../../src/platform/kernel/durations.ts';
import { classifyFailure } from '../../src/platform/postgres/failures.ts';
import { JOBS, type JobName } from './jobs.ts';
import { openMachine } from './machine.ts';
import { CONSUMERS, type Consumer } from './messages.ts';
import { judge, openNode, type SimulatedNode } from './node.ts';
import type { Operations } from './operations.ts';
import type { Report } from './provider.ts';
import type { Away, World } from './world.ts';

/** Two processes, and whatever befalls them. */
export interface Processes {
  readonly ask: <Answer>(what: string, operation: (node: Operations) => Promise<Answer>) => Promise<Answer | undefined>;
  /** Perhaps something happens: a death, a delivery, a job, a jump of the clock. */
  befall(): Promise<void>;
  /** Everything is there again, and stays. */
  recover(): void;
  /** Delivers all there is, and runs all jobs. */
  deliverAll(): void;
  runJobs(): void;
  /** Has every node measure the offset of its clock. */
  keepTime(): void;
}

const NAMES = ['node-a', 'node-b'] as const;

export function openProcesses(world: World, away: Set<Away>): Processes {
  const { kernel, messages, provider } = world;
  const { chance } = kernel;
  const machines = NAMES.map((name) => {
    const machine = openMachine(chance, kernel.clock);
    kernel.showClock(name, machine.wall);
    return machine;
  });
  const nodes: SimulatedNode[] = machines.map((machine, place) => openNode(world, NAMES[place] ?? '', machine));
  let nextMinuteMs = kernel.clock() + MINUTE_MS;

  const anyNode = (): SimulatedNode => chance.of(nodes.filter(({ owner }) => owner.status === 'UP'));

  function deliver(consumer: Consumer, max: number): void {
    const node = anyNode();
    const batch = messages.some(consumer, max);
    const what = `${consumer} handles ${batch.map(({ topic, key }) => `${topic} of order ${key}`).join(', ')}`;
    void kernel.turn(node.owner, what).then(async () => {
      try {
        await node.consumers[consumer](batch as never);
        await kernel.turn(node.owner, '');
        messages.taken(consumer, batch, () => chance.happens(world.trouble().duplicate));
      } catch (error) {
        // Poison: the bus would give these events up.
        if (failureOf(error) === 'poison') judge(world, what, error);
      }
    });
  }

  async function report(report: Report): Promise<void> {
    const { charge, status } = report;
    const { reportedId: paymentId, orderId, isForPoints, taken, asked, ref: providerRef } = charge;
    if (paymentId === null) throw new Error('a payment without an id is reported by event');
    const amount = status === 'COMPLETED' ? taken : asked;
    const answer = await anyNode().ask(`webhook: payment ${paymentId} is ${status}`, ({ reportPayment }) =>
      reportPayment({ paymentId, orderId, status, amount, providerRef }),
    );
    if (answer === undefined) return;
    if (status === 'COMPLETED' && answer.outcome?.$case !== (isForPoints ? 'charge' : 'payment'))
      world.complain(`payment ${paymentId} was not accepted`);
    if (!chance.happens(world.trouble().duplicate)) provider.reports.delete(report);
  }

  function run(job: JobName): void {
    const node = anyNode();
    void kernel.turn(node.owner, `job ${job}`).then(async () => {
      await node.jobs[job](new AbortController().signal).catch((error: unknown) => {
        // The scheduler runs it again.
        if (classifyFailure(error) === 'poison') judge(world, `job ${job}`, error);
      });
    });
  }

  function runJobs(): void {
    for (const job of JOBS) run(job);
  }

  async function crash(): Promise<void> {
    const place = chance.below(nodes.length);
    const [node, machine] = [nodes[place], machines[place]];
    if (!node || !machine) return;
    kernel.say(node.owner.name, () => 'DIES, and is started again');
    machine.resume();
    nodes[place] = openNode(world, node.owner.name, machine);
    await node.die();
  }

  function freeze(): void {
    const place = chance.below(nodes.length);
    const [node, machine] = [nodes[place], machines[place]];
    if (!node || !machine || nodes.some(({ owner }) => owner.status === 'FROZEN')) return;
    const { owner, hangUp } = node;
    const stops = chance.weighted({ none: 3, monotonic: 2, both: 1 });
    if (stops !== 'none') machine.suspend(stops);
    kernel.say(owner.name, () => `STANDS STILL${stops === 'none' ? '' : `, its machine is suspended (${stops})`}`);
    owner.status = 'FROZEN';
    if (chance.happens(0.7)) hangUp();
  }

  function thaw(): void {
    for (const [place, { owner }] of nodes.entries()) {
      if (owner.status !== 'FROZEN') continue;
      machines[place]?.resume();
      kernel.say(owner.name, () => 'continues');
      owner.status = 'UP';
    }
  }

  function jump(): void {
    const ms = chance.of([1_000, 20_000, MINUTE_MS, 5 * MINUTE_MS, 10 * MINUTE_MS, 40 * MINUTE_MS]);
    kernel.say('clock', () => `${ms / 1_000} s pass`);
    kernel.pass(ms);
  }

  function setWallClock(): void {
    const place = chance.below(nodes.length);
    const ms = chance.of([400, 3_000, MINUTE_MS, 11 * MINUTE_MS, 5 * 60 * MINUTE_MS]) * chance.of([-1, 1]);
    kernel.say(NAMES[place] ?? '', () => `its clock jumps by ${ms / 1_000} s`);
    machines[place]?.jump(ms);
  }

  /** Every minute, and when a clock jumped. */
  function keepTime(isDue: boolean): void {
    for (const { owner, time } of nodes) {
      if (owner.status === 'UP' && (isDue || time.isSuspect())) void time.measure();
    }
  }

  function outage(): void {
    const what = chance.of(['postgres', 'provider'] as const);
    kernel.say(what, () => 'goes away');
    away.add(what);
  }

  function turnReadOnly(): void {
    const name = chance.of(NAMES);
    kernel.say(name, () => 'its sessions become read-only');
    away.add(`writes of ${name}`);
  }

  return {
    ask: (what, operation) => anyNode().ask(what, operation),
    async befall() {
      const trouble = world.trouble();
      const isNextMinute = kernel.clock() >= nextMinuteMs;
      keepTime(isNextMinute);
      if (isNextMinute) {
        nextMinuteMs = kernel.clock() + MINUTE_MS;
        runJobs();
      }
      for (const consumer of CONSUMERS) {
        if (messages.waiting(consumer) > 0 && chance.happens(0.08)) deliver(consumer, chance.between(1, 4));
      }
      if (provider.reports.size > 0 && chance.happens(0.08)) void report(chance.of([...provider.reports]));
      if (chance.happens(trouble.crash)) await crash();
      if (chance.happens(trouble.freeze)) freeze();
      else if (chance.happens(0.02)) thaw();
      if (chance.happens(trouble.jump)) jump();
      if (chance.happens(trouble.wallJump)) setWallClock();
      if (chance.happens(trouble.readOnly)) turnReadOnly();
      if (chance.happens(trouble.outage)) outage();
      else if (away.size > 0 && chance.happens(0.05)) away.clear();
      if (chance.happens(0.005)) run(chance.of(JOBS));
    },
    recover() {
      thaw();
      away.clear();
    },
    deliverAll() {
      for (const consumer of CONSUMERS) if (messages.waiting(consumer) > 0) deliver(consumer, 50);
      for (const each of provider.reports) void report(each);
    },
    runJobs,
    keepTime: () => keepTime(true),
  };
}
