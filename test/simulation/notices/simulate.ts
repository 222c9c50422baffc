import { classOf } from '../../../src/contexts/notification/domain/notice-class.ts';
import { HOUR_MS, MINUTE_MS } from '../../../src/platform/kernel/durations.ts';
import { type Chance, chanceOf } from '../chance.ts';
import { type Kernel, type Owner, openKernel } from '../kernel.ts';
import type { Simulated } from '../simulate.ts';
import { problemsIn } from './invariants.ts';
import { openMail } from './mail.ts';
import { runProcess, type Steps, stepsOf, type World } from './processes.ts';
import { openShop, startOf } from './shop.ts';
import { openTables } from './tables.ts';
import { NO_TROUBLE, openTransact, type Trouble } from './transact.ts';

const STEPS_MAX = 2_000;
const TROUBLED_MS = 2 * HOUR_MS;
/** Longer than the lease of a message. */
const FROZEN_MAX_MS = 25 * MINUTE_MS;
const ROUNDS_MAX = 500;

/** One run with notices, decided by its seed alone. */
export async function simulateNotices(seed: number, isTraced = false): Promise<Simulated> {
  const chance = chanceOf(seed);
  const trace: string[] = [];
  const problems: string[] = [];
  const kernel = openKernel(chance, startOf(chance), isTraced ? trace : undefined);
  const complain = (problem: string) => {
    kernel.say('PROBLEM', () => problem);
    problems.push(problem);
  };
  let trouble = troubleOf(chance);
  const tables = openTables();
  const transact = openTransact(kernel, () => trouble);
  const mail = openMail(kernel, tables, () => trouble);
  const world: World = {
    kernel,
    tables,
    transact,
    shop: openShop(kernel, tables),
    mail,
    trouble: () => trouble,
    complain,
  };
  const owners = startProcesses(world);
  const users: Owner = { name: 'users', status: 'UP' };
  void letUsersAct(world, users);
  while (kernel.steps() < STEPS_MAX && kernel.clock() < world.shop.startMs + TROUBLED_MS) {
    befall(world, owners);
    if (!(await kernel.step())) kernel.pass(1_000);
  }
  kernel.say('END', () => 'everything is there again, nothing more goes wrong, and time passes');
  trouble = NO_TROUBLE;
  for (const owner of [...owners, users]) kernel.kill(owner);
  await comeToRest(world);
  problems.push(...problemsIn(world));
  return { seed, problems, trace, ends: endsIn(world), steps: kernel.steps() };
}

function troubleOf(chance: Chance): Trouble {
  const scale = chance.of([0, 0.4, 1, 2.5]);
  const messages = { duplicate: 0.2 * scale, refuse: 0.2 * scale, loseResponse: 0.15 * scale };
  return { ...messages, abort: 0.03 * scale, loseCommit: 0.04 * scale, crash: 0.006 * scale, freeze: 0.004 * scale };
}

function startProcesses(world: World): Owner[] {
  return ['node 1', 'node 2'].map((name) => start(world, name));
}

function start(world: World, name: string): Owner {
  const owner: Owner = { name, status: 'UP' };
  runProcess(world, owner, () => owner.status === 'DEAD');
  return owner;
}

/** Kills a process, whose successor starts at once, or freezes one for minutes. */
function befall(world: World, owners: Owner[]): void {
  const { kernel, trouble } = world;
  const { chance } = kernel;
  const place = chance.below(owners.length);
  const owner = owners[place];
  if (owner?.status !== 'UP') return;
  if (chance.happens(trouble().crash)) {
    kernel.say(owner.name, () => 'is killed');
    kernel.kill(owner);
    owners[place] = start(world, owner.name);
  } else if (chance.happens(trouble().freeze)) {
    kernel.say(owner.name, () => 'stands still');
    owner.status = 'FROZEN';
    const waker: Owner = { name: 'waker', status: 'UP' };
    kernel.schedule(waker, kernel.clock() + chance.between(1_000, FROZEN_MAX_MS), () => {
      if (owner.status !== 'FROZEN') return;
      owner.status = 'UP';
      kernel.say(owner.name, () => 'goes on');
    });
  }
}

async function letUsersAct({ kernel, shop }: World, users: Owner): Promise<void> {
  const pauseMaxMs = kernel.chance.of([20, 20, 4]) * MINUTE_MS;
  for (let acts = kernel.chance.between(3, 16); acts > 0; acts--) {
    await kernel.until(users, kernel.clock() + kernel.chance.below(pauseMaxMs), '');
    shop.act();
  }
}

/** A process without trouble does everything that is left, and time passes until nothing is due. */
async function comeToRest(world: World): Promise<void> {
  const { kernel, tables, shop, complain } = world;
  const steps = stepsOf(world, { name: 'last node', status: 'UP' });
  for (let rounds = 0; rounds < ROUNDS_MAX; rounds++) {
    if (await doAll(kernel, steps)) continue;
    const open = [...tables.deliveries.values()].filter(({ state }) => state === 'PENDING' || state === 'SENDING');
    if (open.length === 0 && shop.waiting.length === 0 && tables.jobs.length === 0) return;
    kernel.pass(Math.max(1, Math.min(...open.map(({ dueMs }) => dueMs)) - kernel.clock()));
  }
  complain(`no rest after ${ROUNDS_MAX} rounds`);
}

async function doAll(kernel: Kernel, steps: Steps): Promise<boolean> {
  let isMore = false;
  for (const name of ['consume', 'announce', 'write', 'remind', 'plan', 'send'] as const) {
    let isDone = false;
    void steps[name]().then((did) => {
      isMore ||= did;
      isDone = true;
    });
    while (!isDone && (await kernel.step()));
  }
  return isMore;
}

function endsIn({ tables, mail }: World): readonly string[] {
  const states = [...tables.deliveries.values()].map(({ kind, state }) => `${classOf(kind, {})} ${state}`);
  const repeated = mail.arrivals.length - new Set(mail.arrivals.map(({ key }) => key)).size;
  const waits = [...tables.waits].map((reason) => `waited: ${reason}`);
  return [...states, ...waits, ...(repeated > 0 ? ['a mail of an order arrived twice'] : [])];
}
