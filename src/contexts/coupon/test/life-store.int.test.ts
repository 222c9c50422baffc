import { describe } from 'vitest';
import { lifeStoreSuite } from './life-store-suite.ts';
import { STORES } from './open-stores.ts';

describe.each(STORES)('a store of coupon lives on %s', (_, open) => lifeStoreSuite(open));
