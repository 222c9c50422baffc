import { servedFacts, watchFacts } from '../../../src/app/remote/coupon-facts.ts';
import type { OpenStream } from '../../../src/app/remote/open-stream.ts';
import type { CouponService } from '../../../src/contexts/coupon/api.ts';
import { knownRefusals } from '../../../src/contexts/coupon/module.ts';
import type { MessageStream } from '../../../src/platform/grpc/contract.ts';
import { Unavailable } from '../../../src/platform/kernel/refusal.ts';
import type { Owner } from '../kernel.ts';
import { openMachine } from '../machine.ts';
import type { CouponNode } from './coupon-node.ts';
import { type Channel, channel } from './network.ts';
import type { Cluster } from './world.ts';

/** A gateway in a process of its own: it refuses by facts, and passes on the rest. */
export interface Gateway {
  readonly owner: Owner;
  readonly issueCoupon: CouponService['issueCoupon'];
  /** Its streams to this process, or its own, break. */
  breakStreams(of: Owner): void;
}

/** One end of a stream. */
class End implements MessageStream {
  readonly owner: Owner;
  readonly #listeners = new Map<string, ((value: unknown) => void)[]>();
  readonly #channel: Channel;
  readonly writableLength = 0;
  writableEnded = false;
  other: End | undefined;

  constructor(owner: Owner, to: Channel) {
    this.owner = owner;
    this.#channel = to;
  }

  emit(event: string, value?: unknown): void {
    for (const listener of this.#listeners.get(event) ?? []) listener(value);
  }

  on(event: string, listener: (value: unknown) => void): this {
    this.#listeners.set(event, [...(this.#listeners.get(event) ?? []), listener]);
    return this;
  }

  write(message: unknown): boolean {
    if (this.writableEnded) return false;
    void this.#carry(() => this.other?.emit('data', message));
    return true;
  }

  end(): void {
    if (this.writableEnded) return;
    this.writableEnded = true;
    void this.#carry(() => this.other?.emit('end'));
  }

  /** The connection is lost, as this end finds out. */
  break(): void {
    this.writableEnded = true;
    this.emit('error', new Error('the stream broke'));
  }

  async #carry(arrive: () => void): Promise<void> {
    if (!this.other) return;
    await this.#channel(this.owner, this.other.owner);
    arrive();
  }
}

/** The caller gives up a call without a response. */
const CALL_MS = 8_000;

export function openGateway(cluster: Cluster, name: string, nodes: () => readonly CouponNode[]): Gateway {
  const { kernel, network, machines } = cluster;
  const { chance } = kernel;
  const owner: Owner = { name, status: 'UP' };
  machines.set(name, machines.get(name) ?? openMachine(chance, kernel.clock));
  let stream: End | undefined;

  const openFacts: OpenStream = () => {
    const node = chance.of(nodes());
    const [here, there] = [new End(owner, channel(network)), new End(node.owner, channel(network))];
    here.other = there;
    there.other = here;
    servedFacts(node.facts).handle(there);
    stream = here;
    return here;
  };

  /** To any of the nodes. What has arrived happens, whatever becomes of the caller. */
  const call: CouponService['issueCoupon'] = async (request) => {
    const node = chance.of(nodes());
    const { loseRequest, loseResponse } = cluster.trouble();
    const response = Promise.withResolvers<Awaited<ReturnType<CouponService['issueCoupon']>>>();
    const cancel = kernel.schedule(owner, kernel.clock() + CALL_MS, () =>
      response.reject(new Unavailable('DEPENDENCY_UNAVAILABLE', 'no response')),
    );
    void (async () => {
      await network.carry(owner, node.owner);
      if (chance.happens(loseRequest)) return;
      const outcome = await node.api.issueCoupon(request).then(
        (value) => () => response.resolve(value),
        (error: unknown) => () => response.reject(error),
      );
      if (chance.happens(loseResponse)) return;
      await network.carry(node.owner, owner);
      cancel();
      outcome();
    })();
    return await response.promise;
  };

  const facts = knownRefusals(() => performance.now());
  // As a step of this process, so that the timer is its own.
  kernel.schedule(owner, kernel.clock(), () => void watchFacts(facts, openFacts));
  return {
    owner,
    issueCoupon: facts.guard(call),
    breakStreams(of) {
      const ends = stream?.other ? [stream, stream.other] : [];
      if (!ends.some((end) => end.owner === of)) return;
      for (const end of ends) {
        if (end.owner !== of && chance.happens(0.8)) kernel.schedule(end.owner, kernel.clock(), () => end.break());
      }
    },
  };
}
