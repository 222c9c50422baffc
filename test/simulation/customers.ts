import type {
  Order,
  OrderResponse,
  PaymentResponse,
  PlaceOrderRequest,
  RefundLine,
} from '../../src/contexts/order/api.ts';
import { changeTimeSale, stopTimeSale } from '../../src/contexts/order/domain/time-sale/change-time-sale.ts';
import { MINUTE_MS } from '../../src/platform/kernel/durations.ts';
import { isRefusal } from '../../src/platform/kernel/refusal.ts';
import type { Answers } from './answers.ts';
import type { Owner } from './kernel.ts';
import type { Operations } from './operations.ts';
import type { World } from './world.ts';

export interface CustomerDeps {
  readonly world: World;
  readonly answers: Answers;
  /** Sends the request to one of the processes. */
  readonly ask: <Answer>(what: string, operation: (node: Operations) => Promise<Answer>) => Promise<Answer | undefined>;
}

const CUSTOMERS: Owner = { name: 'customer', status: 'UP' };
const ADMIN = { userId: 9n, role: 'ADMIN' };
const ATTEMPTS_MAX = 4;

/** One visit: a customer orders something, and pays, cancels or refunds it. */
export async function visit(deps: CustomerDeps, number: number): Promise<void> {
  const { kernel, shop } = deps.world;
  const { chance } = kernel;
  await wait(deps, chance.below(chance.of([10_000, 4 * MINUTE_MS])));
  const userId = chance.of(shop.users);
  const request = basket(deps, userId, `visit-${number}`);
  const order = await place(deps, request);
  if (!order) return;
  for (let deeds = chance.between(0, 6), turn = 1; turn <= deeds; turn++) {
    if (chance.happens(0.15)) await wait(deps, chance.of([1_000, 30_000, 9 * MINUTE_MS + 59_000, 12 * MINUTE_MS]));
    const deed =
      turn === 1 && chance.happens(0.7)
        ? 'pay'
        : chance.weighted({
            pay: 8,
            payTwice: 2,
            cancel: 2,
            payAndCancel: 1,
            refund: 5,
            charge: 1,
            again: 1,
            leave: 1,
          });
    const key = `${request.key}-${turn}`;
    switch (deed) {
      case 'pay':
        await pay(deps, order, key, method(deps));
        break;
      case 'payTwice':
        await payTwice(deps, order, key);
        break;
      case 'cancel':
        await cancel(deps, order);
        break;
      case 'payAndCancel':
        await Promise.all([pay(deps, order, key, method(deps)), cancel(deps, order)]);
        break;
      case 'refund':
        await refunds(deps, order, key);
        if (order.couponId !== undefined && chance.happens(0.5)) await buyAgain(deps, order, `${key}-anew`);
        break;
      case 'charge':
        await charge(deps, userId, key);
        break;
      case 'again':
        await place(deps, request);
        break;
      case 'leave':
        return;
    }
  }
}

/** What others do meanwhile to what is on sale. */
export async function meddle(deps: CustomerDeps): Promise<void> {
  const { kernel, shop } = deps.world;
  const { chance } = kernel;
  await wait(deps, chance.below(6 * MINUTE_MS));
  const { products } = shop.orders.state;
  const product = products.get(chance.of([...products.keys()]));
  const couponId = [...shop.coupons.state.coupons.keys()].at(-1);
  switch (chance.weighted({ price: 2, supply: 2, hide: 1, withdraw: 3, sale: 2 })) {
    case 'price':
      if (product) products.set(product.id, { ...product, price: product.price + 1n });
      return;
    case 'supply':
      if (product) products.set(product.id, { ...product, supplied: product.supplied + 2, stock: product.stock + 2 });
      return;
    case 'hide':
      if (product) products.set(product.id, { ...product, hidden: true });
      return;
    case 'sale':
      changeSale(deps);
      return;
    case 'withdraw':
      if (couponId === undefined) return;
      await insist(deps, `withdraws coupon ${couponId}`, ({ cancelCoupon }) =>
        cancelCoupon({
          principal: ADMIN,
          couponId,
          reason: '',
          returnStock: false,
          orderCancelled: chance.happens(0.7),
        }),
      );
  }
}

/** A time sale is changed or stopped, whatever it is doing. */
function changeSale({ world: { kernel, shop } }: CustomerDeps): void {
  const { chance } = kernel;
  const { products, timeSales } = shop.orders.state;
  const sale = [...timeSales.values()].at(chance.below(Math.max(1, timeSales.size)));
  const product = sale && products.get(sale.productId);
  if (!sale || !product) return;
  const nowMs = kernel.clock();
  const edit = {
    quantity: chance.between(1, sale.quantity + 5),
    limitPerUser: chance.of([1, 2, 8]),
    endsAtMs: nowMs + chance.of([1_000, 5 * MINUTE_MS]),
  };
  const changed = chance.happens(0.4) ? stopTimeSale(product, sale, nowMs) : changeTimeSale(product, sale, edit, nowMs);
  if (isRefusal(changed)) return;
  products.set(product.id, changed.product);
  timeSales.set(sale.id, changed.timeSale);
}

function basket({ world: { kernel, shop } }: CustomerDeps, userId: bigint, key: string): PlaceOrderRequest {
  const { chance } = kernel;
  const { products, timeSales } = shop.orders.state;
  const items = new Map<string, PlaceOrderRequest['items'][number]>();
  for (let lines = chance.weighted({ 1: 3, 2: 2, 3: 1 }); items.size < Number(lines); ) {
    const sale = chance.happens(0.35)
      ? [...timeSales.values()].at(chance.below(Math.max(1, timeSales.size)))
      : undefined;
    const productId = sale?.productId ?? chance.of([...products.keys()]);
    const quantity = chance.weighted({ 1: 4, 2: 2, 3: 1 });
    items.set(`${productId} ${sale?.id}`, { productId, timeSaleId: sale?.id, quantity: Number(quantity) });
    if (items.size === 2 && timeSales.size === 0) break;
  }
  const own = [...shop.coupons.state.coupons].filter(([, { issued }]) => issued.userId === userId).map(([id]) => id);
  const couponId = own.length > 0 && chance.happens(0.75) ? chance.of(own) : undefined;
  const usePoints = chance.happens(0.6) ? BigInt(chance.of([1, 300, 2_000, 100_000])) : 0n;
  const subtotal = [...items.values()].reduce((sum, { productId, timeSaleId, quantity }) => {
    const sale = timeSaleId === undefined ? undefined : timeSales.get(timeSaleId);
    return sum + BigInt(quantity) * (sale?.salePrice ?? products.get(productId)?.price ?? 0n);
  }, 0n);
  const expectedTotal = chance.happens(0.2) ? subtotal - BigInt(chance.of([0, 0, 1, 500])) : undefined;
  const isSound = expectedTotal === undefined || expectedTotal >= 0n;
  return { userId, key, items: [...items.values()], couponId, usePoints, expectedTotal: isSound ? expectedTotal : 0n };
}

const method = ({ world }: CustomerDeps): 'POINTS' | 'EXTERNAL' =>
  world.kernel.chance.of(['POINTS', 'EXTERNAL', 'EXTERNAL']);

async function wait({ world: { kernel } }: CustomerDeps, ms: number): Promise<void> {
  await kernel.until(CUSTOMERS, kernel.clock() + ms, '');
}

/** Retries until a response, or gives up. */
async function insist<Answer>(
  deps: CustomerDeps,
  what: string,
  operation: (node: Operations) => Promise<Answer>,
): Promise<Answer | undefined> {
  const { chance } = deps.world.kernel;
  for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt++) {
    const answer = await deps.ask(what, operation);
    if (answer !== undefined || chance.happens(0.15)) return answer;
    await wait(deps, chance.of([100, 1_000, 20_000]));
  }
  return undefined;
}

async function place(deps: CustomerDeps, request: PlaceOrderRequest): Promise<Order | undefined> {
  const { kernel } = deps.world;
  const { key } = request;
  const once = async (asked: PlaceOrderRequest) => {
    const what = `user ${asked.userId} places ${key}${asked.couponId ? ` with coupon ${asked.couponId}` : ''}`;
    const response = await insist(deps, what, async ({ placeOrder }) => {
      const atStep = kernel.steps();
      return { ...(await placeOrder(asked)), atStep };
    });
    if (response?.outcome)
      deps.answers.placed.push({ key, atStep: response.atStep, answer: response.outcome, request: asked });
    await afterRefusal(deps, asked.userId, key, response?.outcome);
    return response?.outcome?.$case === 'order' ? response.outcome.value : undefined;
  };
  const { chance } = kernel;
  if (chance.happens(0.25)) return (await Promise.all([once(request), once(request)])).find((order) => order);
  if (chance.happens(0.05)) void once({ ...request, usePoints: request.usePoints + 1n });
  return await once(request);
}

async function pay(deps: CustomerDeps, { id: orderId, userId }: Order, key: string, way: string): Promise<void> {
  const { kernel } = deps.world;
  const response = await insist(
    deps,
    `user ${userId} pays order ${orderId} with ${way}, ${key}`,
    async ({ payOrder }) => {
      const atStep = kernel.steps();
      return { ...(await payOrder({ orderId, userId, key, method: way })), atStep };
    },
  );
  if (response?.outcome) deps.answers.paid.push({ key, atStep: response.atStep, answer: response.outcome, orderId });
  await afterRefusal(deps, userId, key, response?.outcome);
}

async function payTwice(deps: CustomerDeps, order: Order, key: string): Promise<void> {
  const { chance } = deps.world.kernel;
  const way = method(deps);
  const other = chance.happens(0.6) ? way : method(deps);
  await Promise.all([pay(deps, order, key, way), pay(deps, order, chance.of([key, key, `${key}b`]), other)]);
}

/** With the coupon that a refund may have brought back. */
async function buyAgain(deps: CustomerDeps, { userId, couponId }: Order, key: string): Promise<void> {
  const order = await place(deps, { ...basket(deps, userId, key), couponId, expectedTotal: undefined });
  if (order) await pay(deps, order, key, method(deps));
}

/** A customer with too few points may charge some. */
async function afterRefusal(deps: CustomerDeps, userId: bigint, key: string, outcome: Outcome): Promise<void> {
  const isShort = outcome?.$case === 'refusal' && outcome.value.code === 'INSUFFICIENT_POINTS';
  if (isShort && deps.world.kernel.chance.happens(0.6)) await charge(deps, userId, `${key}-charge`);
}
type Outcome = OrderResponse['outcome'] | PaymentResponse['outcome'];

/** A customer pays for points, sometimes more than the cap allows, or an administrator charges them directly. */
async function charge(deps: CustomerDeps, userId: bigint, key: string): Promise<void> {
  const { chance } = deps.world.kernel;
  const amount = BigInt(chance.of([1, 500, 20_000, 400_000]));
  if (chance.happens(0.25)) return await chargeDirectly(deps, userId, key, amount);
  const ask = async () => {
    const response = await insist(deps, `user ${userId} charges ${amount} points, ${key}`, ({ startCharge }) =>
      startCharge({ userId, key, amount }),
    );
    if (response?.outcome)
      deps.answers.paidCharges.push({ key, atStep: deps.world.kernel.steps(), answer: response.outcome, userId });
  };
  // Also with the same key at once, perhaps on two nodes.
  await Promise.all(chance.happens(0.2) ? [ask(), ask()] : [ask()]);
  if (chance.happens(0.3)) await cancelCharge(deps, userId);
}

/** Takes points that were charged back, and so returns the money of those that were paid for. */
async function cancelCharge(deps: CustomerDeps, userId: bigint): Promise<void> {
  const { kernel, shop } = deps.world;
  await wait(deps, kernel.chance.of([0, 5_000, 40_000]));
  const credit = shop.points.postings.findLast(
    ({ transaction }) => transaction.userId === userId && transaction.type === 'CHARGE',
  );
  if (!credit) return;
  const transactionId = credit.transaction.id;
  const request = { principal: { userId, role: 'CUSTOMER' }, transactionId, reason: '' };
  const ask = () =>
    insist(deps, `cancels charge transaction ${transactionId}`, ({ cancelTransaction }) => cancelTransaction(request));
  await Promise.all(kernel.chance.happens(0.3) ? [ask(), ask()] : [ask()]);
}

async function chargeDirectly(deps: CustomerDeps, userId: bigint, key: string, amount: bigint): Promise<void> {
  const { kernel } = deps.world;
  const ask = async () => {
    const atStep = kernel.steps();
    const response = await insist(deps, `charges ${amount} points of user ${userId}`, ({ chargePoints }) =>
      chargePoints({ userId, key, amount }),
    );
    if (response?.outcome) deps.answers.charged.push({ key, atStep, answer: response.outcome, userId });
  };
  // Also with the same key at once, perhaps on two nodes.
  await Promise.all(kernel.chance.happens(0.2) ? [ask(), ask()] : [ask()]);
}

async function cancel(deps: CustomerDeps, { id: orderId, userId }: Order): Promise<void> {
  const { kernel } = deps.world;
  const response: OrderResponse | undefined = await insist(deps, `cancels order ${orderId}`, ({ cancelOrder }) =>
    cancelOrder({ orderId, userId }),
  );
  if (response?.outcome) {
    deps.answers.cancelled.push({ key: '', atStep: kernel.steps(), answer: response.outcome, orderId });
  }
}

/** Whole, by lines, the same at once, and in parts at once. */
async function refunds(deps: CustomerDeps, order: Order, key: string): Promise<void> {
  const { chance } = deps.world.kernel;
  const part = (): RefundLine[] => {
    if (chance.happens(0.4)) return [];
    const { line, quantity } = chance.of(order.lines);
    return [{ line, quantity: chance.between(1, quantity) }];
  };
  const lines = part();
  const asked = [{ key, lines }];
  if (chance.happens(0.4)) asked.push({ key, lines });
  if (chance.happens(0.3)) asked.push({ key: `${key}r`, lines: part() });
  await Promise.all(asked.map((each) => refund(deps, order, each)));
}

async function refund(
  deps: CustomerDeps,
  { id: orderId }: Order,
  { key, lines }: { key: string; lines: RefundLine[] },
) {
  const { kernel } = deps.world;
  const response = await insist(deps, `refunds order ${orderId}, ${key}`, async ({ refundOrder }) => {
    const atStep = kernel.steps();
    return { ...(await refundOrder({ principal: ADMIN, orderId, key, lines, reason: 'wrong colour' })), atStep };
  });
  if (response?.outcome)
    deps.answers.refunded.push({ key, atStep: response.atStep, answer: response.outcome, orderId });
}
