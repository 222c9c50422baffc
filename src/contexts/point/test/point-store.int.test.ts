import { describe } from 'vitest';
import { STORES } from './open-stores.ts';
import { pointStoreSuite } from './point-store-suite.ts';

describe.each(STORES)('a store of points on %s', (_, open) => pointStoreSuite(open));
