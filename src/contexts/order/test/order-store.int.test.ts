import { describe } from 'vitest';
import { STORES } from './open-stores.ts';
import { orderBatchSuite } from './order-batch-suite.ts';
import { orderStoreSuite } from './order-store-suite.ts';

describe.each(STORES)('a store of orders on %s', (_, open) => orderStoreSuite(() => open('by hand')));
describe.each(STORES)('groups of orders on %s', (_, open) => orderBatchSuite(open));
