import { MINUTE_MS } from '../../../src/platform/kernel/durations.ts';
import { disturbRedis } from '../cluster/redis.ts';
import { standstills } from '../cluster/standstills.ts';
import { openSaleNode, type SaleNode } from './sale-node.ts';
import type { SaleWorld } from './world.ts';

/** The nodes, and whatever befalls them. */
export interface SaleProcesses {
  readonly nodes: () => readonly SaleNode[];
  /** Perhaps something happens. */
  befall(): void;
  /** Everything is there again, and stays. */
  recover(): void;
}

/** How likely a node looks at its clock, and ends orders whose time is over, at each step. */
const KEEP_TIME = 0.02;
const RESUME_ORDERS = 0.02;

export function saleProcesses(world: SaleWorld): SaleProcesses {
  const { kernel, redis, machines } = world;
  const { chance } = kernel;
  const { freeze, thaw } = standstills(kernel);
  const open = (place: number) => openSaleNode(world, `node-${place + 1}`);
  const nodes = Array.from({ length: chance.of([1, 2, 2, 3]) }, (_, place) => open(place));

  function crash(): void {
    const place = chance.below(nodes.length);
    const node = nodes[place];
    if (!node) return;
    kernel.say(node.owner.name, () => 'DIES, and is started again');
    kernel.kill(node.owner);
    nodes[place] = open(place);
  }

  function befall(): void {
    const trouble = world.trouble();
    if (chance.happens(KEEP_TIME)) for (const node of nodes) if (node.owner.status === 'UP') node.keepTime();
    if (chance.happens(RESUME_ORDERS)) chance.of(nodes).resumeOrders();
    if (chance.happens(trouble.crash)) crash();
    if (chance.happens(trouble.freeze)) freeze(chance.of(nodes).owner);
    if (redis && chance.happens(trouble.redis)) disturbRedis(kernel, redis, freeze);
    if (chance.happens(trouble.wallJump)) chance.of([...machines.values()]).jump(chance.of([-1, 1]) * MINUTE_MS);
  }

  return {
    nodes: () => nodes,
    befall,
    recover() {
      for (const { owner } of nodes) thaw(owner);
      if (redis) thaw(redis.owner);
    },
  };
}
