import type { PlantedBug } from './bugs.ts';

const APPLICATION = 'src/contexts/order/application';
const PLACE = `${APPLICATION}/placement/place-order.ts`;
const UNITS = 'src/contexts/order/domain/units.ts';

type Mutation = Omit<PlantedBug, 'name' | 'tests' | 'only'>;

/** Bugs of several nodes that sell at time sales: each breaks an invariant for some seed of the simulation of time sales. */
const MUTATIONS: Readonly<Record<string, Mutation>> = {
  'an order that the cache refuses is not looked up by its key': {
    file: PLACE,
    within: 'placeOrder',
    search: 'if (refusal && !(await keyLookup.isPlaced(request)))',
    replace: 'if (refusal && (cached || !(await keyLookup.isPlaced(request))))',
  },
  'an order that a shared fact refuses is not looked up by its key': {
    file: PLACE,
    within: 'placeOrder',
    search: 'if (refusal && !(await keyLookup.isPlaced(request)))',
    replace: 'if (refusal && !(cached && (await keyLookup.isPlaced(request))))',
  },
  'the refresh of a sold-out sale does not end when its order fails': {
    file: PLACE,
    within: 'placeOrder',
    search: '.finally(() => soldOut.refreshEnded(request.items, now.steadyMs))',
    replace: '',
  },
  'a sale that was sold out is trusted from the end of the batch that read it': {
    file: `${APPLICATION}/order-batcher.ts`,
    within: 'orderBatch',
    search: 'soldOut.update(shown, readAtSteadyMs);',
    replace: 'soldOut.update(shown, monotonic());',
  },
  'a sale that was sold out is trusted for two seconds': {
    file: 'src/platform/kernel/cached-fact.ts',
    within: 'TRUST_MS',
    search: '1_000',
    replace: '2_000',
  },
  'the limit of a user is not checked': {
    file: 'src/contexts/order/domain/placement/place.ts',
    within: 'lineOf',
    search: 'bought + quantity > sale.limitPerUser',
    replace: 'quantity > sale.limitPerUser',
  },
  'an order is refused in the first half second of a sale': {
    file: 'src/contexts/order/domain/placement/place.ts',
    within: 'lineOf',
    search: 'timeSaleStatus(sale, nowMs)',
    replace: 'timeSaleStatus(sale, nowMs - 500)',
  },
  'a cancelled order counts against the limit of its user': {
    file: UNITS,
    within: 'releaseUnits',
    search: 'reduceBought(work, timeSaleId, userId, quantity);',
    replace: '',
  },
  'a unit that comes back becomes two': {
    file: UNITS,
    within: 'returnUnits',
    search: 'stock: sale.stock + quantity, restocks',
    replace: 'stock: sale.stock + quantity + 1, quantity: sale.quantity + 1, restocks',
  },
};

export const SALE_BUGS: readonly PlantedBug[] = Object.entries(MUTATIONS).map(([name, mutation]) => ({
  tests: ['test/simulation/sales/sales.test.ts'],
  only: 'time sales over several nodes are exact for',
  ...mutation,
  name: `sales: ${name}`,
}));
