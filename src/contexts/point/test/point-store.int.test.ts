import { describe } from 'vitest';
import { chargeStoreSuite } from './charge-store-suite.ts';
import { earningStoreSuite } from './earning-store-suite.ts';
import { STORES } from './open-stores.ts';
import { pointStoreSuite } from './point-store-suite.ts';

describe.each(STORES)('a store of points on %s', (_, open) => pointStoreSuite(open));
describe.each(STORES)('a store of charges on %s', (_, open) => chargeStoreSuite(open));
describe.each(STORES)('a store of points that orders earn on %s', (_, open) => earningStoreSuite(open));
