import { MINUTE_MS } from '../../../src/platform/kernel/durations.ts';
import type { Owner } from '../kernel.ts';
import type { Bus } from './bus.ts';
import { type CouponNode, openCouponNode } from './coupon-node.ts';
import type { Entrance } from './customers.ts';
import { type Gateway, openGateway } from './gateway.ts';
import { disturbRedis } from './redis.ts';
import type { Shape } from './shape.ts';
import { standstills } from './standstills.ts';
import type { Trouble } from './trouble.ts';
import type { Cluster } from './world.ts';

/** The processes of the cluster, and whatever befalls them. */
export interface Processes {
  readonly nodes: () => readonly CouponNode[];
  /** Gateways, or nodes that take requests themselves. */
  readonly entrances: () => readonly Entrance[];
  /** Perhaps something happens. */
  befall(): void;
  /** Everything is there again, and stays. */
  recover(): void;
}

/** How likely the nodes look at their clocks, at each step. */
const KEEP_TIME = 0.02;
/** How likely a node ends overdue reservations, at each step. */
const END_RESERVATIONS = 0.01;

export function openProcesses(cluster: Cluster, bus: Bus, shape: Pick<Shape, 'nodes' | 'gateways'>): Processes {
  const { kernel, network, postgres, redis, machines } = cluster;
  const { chance } = kernel;
  const { freeze, thaw, forAWhile } = standstills(kernel);
  const nodes = Array.from({ length: chance.of(shape.nodes) }, (_, place) => open(place));
  const gateways = Array.from({ length: chance.of(shape.gateways) }, (_, place) => openGate(place));
  let consumer = bus.openConsumer();

  function open(place: number): CouponNode {
    return openCouponNode(cluster, `node-${place + 1}`, bus.publish);
  }
  function openGate(place: number): Gateway {
    return openGateway(cluster, `gateway-${place + 1}`, () => nodes);
  }

  function end(owner: Owner): void {
    kernel.say(owner.name, () => 'DIES, and is started again');
    machines.get(owner.name)?.resume();
    kernel.kill(owner);
    for (const connection of postgres.connections) if (connection.isOf(owner)) connection.abandon();
    for (const gateway of gateways) gateway.breakStreams(owner);
  }

  function crash(): void {
    const place = chance.below(nodes.length);
    switch (chance.weighted({ node: 5, gateway: gateways.length, consumer: 1 })) {
      case 'node': {
        const node = nodes[place];
        if (node) end(node.owner);
        nodes[place] = open(place);
        return;
      }
      case 'gateway': {
        const gate = chance.below(gateways.length);
        const gateway = gateways[gate];
        if (gateway) end(gateway.owner);
        gateways[gate] = openGate(gate);
        return;
      }
      case 'consumer':
        end(consumer);
        consumer = bus.openConsumer();
    }
  }

  const owners = (): readonly Owner[] => [...nodes, ...gateways].map(({ owner }) => owner);

  function cut(): void {
    const one = chance.of(owners());
    const others = [...owners(), postgres.server().owner, { name: 'bus' }, { name: 'redis' }];
    const other = chance.of(others.filter((each) => each !== one));
    const ways = chance.of(['there', 'back', 'both'] as const);
    kernel.say('network', () => `no message passes between ${one.name} and ${other.name} (${ways})`);
    if (ways !== 'back') forAWhile(network.cut(one.name, other.name));
    if (ways !== 'there') forAWhile(network.cut(other.name, one.name));
  }

  function reset(): void {
    const open = [...postgres.connections];
    if (open.length === 0) return;
    const waiting = open.filter((connection) => connection.isWaiting());
    kernel.say('network', () => 'a connection to PostgreSQL breaks');
    void chance.of(waiting.length > 0 ? waiting : open).break();
  }

  function keepTime(): void {
    for (const node of nodes) if (node.owner.status === 'UP') node.keepTime();
  }

  type Event = readonly [probability: number, happen: () => void];
  let present: Trouble | undefined;
  let events: readonly Event[] = [];
  const eventsOf = (trouble: Trouble): readonly Event[] => [
    [KEEP_TIME, keepTime],
    [END_RESERVATIONS, () => chance.of(nodes).endReservations()],
    [trouble.crash, crash],
    [trouble.freeze, () => freeze(chance.of(owners()))],
    [trouble.cut, cut],
    [trouble.reset, reset],
    [trouble.failover, postgres.crash],
    [trouble.freezePostgres, () => freeze(postgres.server().owner)],
    [redis ? trouble.redis : 0, () => redis && disturbRedis(kernel, redis, freeze)],
    [trouble.wallJump, () => chance.of([...machines.values()]).jump(chance.of([-1, 1]) * MINUTE_MS)],
  ];

  return {
    nodes: () => nodes,
    entrances: () => (gateways.length > 0 ? gateways : nodes),
    befall() {
      const trouble = cluster.trouble();
      if (trouble !== present) {
        present = trouble;
        events = eventsOf(trouble);
      }
      // One number for all of them: this runs before each step.
      let left = chance.below(1_000_000) / 1_000_000;
      for (const [probability, happen] of events) {
        left -= probability;
        if (left < 0) return happen();
      }
    },
    recover() {
      for (const owner of [...owners(), postgres.server().owner, ...(redis ? [redis.owner] : [])]) thaw(owner);
      network.healAll();
    },
  };
}
