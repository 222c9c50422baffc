import type { Order, OrderResponse, PlaceOrderRequest } from '../../../src/contexts/order/api.ts';
import type { Owner } from '../kernel.ts';
import { isUnexpected, type SaleNode } from './sale-node.ts';
import type { SaleWorld } from './world.ts';

export interface SaleCustomers {
  /** How often each outcome was, so that a run in which little happened is not taken for a proof. */
  readonly outcomes: Map<string, number>;
  /** Orders, most of them paid, cancelled or left, and sends some requests again. */
  visit(userId: bigint): Promise<void>;
  /** Sends every request that was ever sent again, then a new one for each sale. All of them get a response. */
  askOnceMore(): Promise<void>;
}

const CUSTOMERS: Owner = { name: 'customer', status: 'UP' };
const ADMIN = { userId: 9n, role: 'ADMIN' };
const RESPONSE_MS = 12_000;

/** What must be the same in each request with a key. */
export const bodyOf = (items: readonly Item[]): string =>
  items.map(({ timeSaleId, quantity }) => `${timeSaleId} ${quantity}`).join(', ');

interface Item {
  readonly timeSaleId?: bigint | null | undefined;
  readonly quantity: number;
}
type Outcomes = { readonly outcome?: { readonly $case: string; readonly value: object } | undefined };

export function saleCustomers(world: SaleWorld, nodes: () => readonly SaleNode[]): SaleCustomers {
  const { kernel, network, state, complain } = world;
  const { chance } = kernel;
  const outcomes = new Map<string, number>();
  const sent: PlaceOrderRequest[] = [];
  const count = (outcome: string) => outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  const wait = (ms: number) => kernel.until(CUSTOMERS, kernel.clock() + ms, '');

  /** To any of the nodes. Resolves with undefined without a response. A request that has arrived is carried out, also when its response is lost. */
  async function call<Response extends Outcomes>(
    what: string,
    run: (api: SaleNode['api']) => Promise<Response>,
  ): Promise<Response | undefined> {
    const node = chance.of(nodes());
    const { promise, resolve } = Promise.withResolvers<Response | undefined>();
    const cancel = kernel.schedule(CUSTOMERS, kernel.clock() + RESPONSE_MS, () => resolve(undefined));
    const respond = (response: Response | undefined) => {
      cancel();
      resolve(response);
    };
    void (async () => {
      await network.carry(CUSTOMERS, node.owner);
      kernel.say(node.owner.name, () => what);
      const response = await run(node.api).catch((error: unknown) => {
        if (isUnexpected(error)) complain(`${what}: ${String(error)}`);
        return undefined;
      });
      kernel.say(node.owner.name, () => `${what} -> ${textOf(response)}`);
      if (chance.happens(world.trouble().loseResponse)) {
        kernel.say('network', () => `the response to ${what} is lost`);
        // The connection is reset.
        return chance.happens(0.7) ? respond(undefined) : undefined;
      }
      await network.carry(node.owner, CUSTOMERS);
      respond(response);
    })();
    return await promise;
  }

  async function place(request: PlaceOrderRequest): Promise<OrderResponse | undefined> {
    if (!sent.includes(request)) sent.push(request);
    const what = `user ${request.userId} orders ${bodyOf(request.items)}, key ${request.key}`;
    const response = await call(what, ({ placeOrder }) => placeOrder(request));
    const { outcome } = response ?? {};
    if (outcome === undefined) count('no response');
    else if (outcome.$case === 'refusal') count(outcome.value.code);
    else count(response?.replayed ? 'order again' : 'order');
    return response;
  }

  /** Until there is a response. */
  async function insist<Response>(ask: () => Promise<Response | undefined>): Promise<Response> {
    for (;;) {
      const response = await ask();
      if (response !== undefined) return response;
      await wait(100);
    }
  }

  function requestOf(userId: bigint, key: string): PlaceOrderRequest {
    const sales = [...state.timeSales.values()];
    const first = chance.of(sales);
    const second = sales.find(({ id }) => id !== first.id);
    const wanted = second && chance.happens(0.15) ? [first, second] : [first];
    const items = wanted.map(({ id, productId }) => ({
      productId,
      timeSaleId: id,
      quantity: chance.of([1, 1, 1, 2]),
    }));
    return { userId, key, items, couponId: undefined, usePoints: 0n, expectedTotal: undefined };
  }

  async function end({ id: orderId, userId }: Order, key: string): Promise<void> {
    const cancel = () =>
      call(`user ${userId} cancels order ${orderId}`, ({ cancelOrder }) => cancelOrder({ orderId, userId }));
    const pay = () =>
      call(`user ${userId} pays order ${orderId}`, ({ payOrder }) =>
        payOrder({ orderId, userId, key, method: 'EXTERNAL' }),
      );
    switch (chance.weighted({ cancel: 4, pay: 2, payAndCancel: 1, refund: 2, leave: 3 })) {
      case 'cancel':
        await cancel();
        return;
      case 'pay':
        await pay();
        return;
      case 'payAndCancel':
        await Promise.all([pay(), cancel()]);
        return;
      case 'refund':
        await pay();
        await wait(chance.below(600));
        await call(`order ${orderId} is refunded`, ({ refundOrder }) =>
          refundOrder({ principal: ADMIN, orderId, key, lines: [], reason: '' }),
        );
        return;
      case 'leave':
        return;
    }
  }

  async function order(request: PlaceOrderRequest): Promise<Order | undefined> {
    // Some send it twice at once, some again after they got no response or one, some by mistake with another body.
    const times = chance.happens(0.2) ? [1, 2] : [1];
    const responses = await Promise.all(times.map(() => place(request)));
    while (responses.includes(undefined) && chance.happens(0.8)) responses[0] = responses[1] = await place(request);
    if (chance.happens(0.3)) await place(request);
    if (chance.happens(0.05))
      await place({ ...request, items: request.items.map((item) => ({ ...item, quantity: 3 })) });
    return responses.map((response) => orderIn(response)).find((each) => each !== undefined);
  }

  return {
    outcomes,
    async visit(userId) {
      await wait(chance.below(chance.of([30, 600])));
      for (let visits = chance.between(1, 5); visits > 0; visits--) {
        const request = requestOf(userId, `visit ${visits}`);
        const placed = await order(request);
        if (placed) await end(placed, request.key);
        if (chance.happens(0.3)) await place(request);
        await wait(chance.below(chance.of([20, 300, 1_200])));
      }
    },
    async askOnceMore() {
      const again = [...sent].map((request) => insist(() => place(request)));
      await Promise.all(again);
      const users = new Set(sent.map(({ userId }) => userId));
      for (const userId of users) await insist(() => place(requestOf(userId, 'at the end')));
    },
  };
}

const orderIn = (response: OrderResponse | undefined): Order | undefined =>
  response?.outcome?.$case === 'order' ? response.outcome.value : undefined;

function textOf(response: Outcomes | undefined): string {
  if (response?.outcome === undefined) return 'no response';
  const { $case, value } = response.outcome;
  const { id, code } = value as { readonly id?: bigint; readonly code?: string };
  return code ?? `${$case} ${id}`;
}
