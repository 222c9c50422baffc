import type { PlantedBug } from './bugs.ts';

const POSTGRES = 'src/platform/postgres';
const MAPPING = `${POSTGRES}/table-mapping.ts`;
const MAPPING_TEST = [`${POSTGRES}/table-mapping.test.ts`];
const PLANS_TEST = ['test/plans/plans.int.test.ts'];

/** In how statements and their parameters follow from the mapping of a table. */
export const MAPPING_BUGS: readonly PlantedBug[] = [
  {
    name: 'mappings: parameters in another order than their numbers',
    file: MAPPING,
    within: 'tableMapping',
    search: 'return parameters.map(({ kind,',
    replace: 'return parameters.toReversed().map(({ kind,',
    tests: MAPPING_TEST,
    only: 'in the order of the numbers',
  },
  {
    name: 'mappings: arrays numbered without the shared values between them',
    file: MAPPING,
    within: 'tableMapping',
    search: 'first + parameters.indexOf(leaf)',
    replace: 'first + arrays.indexOf(leaf)',
    tests: MAPPING_TEST,
    only: 'numbers arrays and shared values in one sequence',
  },
  {
    name: 'mappings: an insert may lack a column without default',
    file: MAPPING,
    within: 'tableMapping',
    search: 'column.notNull && !column.hasDefault &&',
    replace: 'column.notNull && column.hasDefault &&',
    tests: MAPPING_TEST,
    only: 'refuses to insert without a column',
  },
  {
    name: 'mappings: an update sets the columns of the primary key',
    file: MAPPING,
    within: 'tableMapping',
    search: '!column.primary && !primary.has(column.name)',
    replace: '!column.primary',
    tests: MAPPING_TEST,
    only: 'assigns all columns that are not in the primary key',
  },
  {
    name: 'mappings: a column of another table is accepted',
    file: MAPPING,
    within: 'tableMapping',
    search: '?? fail(`has ${column.name} of another table`)',
    replace: '?? column.name',
    tests: MAPPING_TEST,
    only: 'refuses a column of another table',
  },
  {
    name: 'mappings: a column is written twice',
    file: MAPPING,
    within: 'tableMapping',
    search: 'if (columns.has(column)) fail',
    replace: 'if (columns.size < 0) fail',
    tests: MAPPING_TEST,
    only: 'refuses a column that is mapped twice',
  },
  {
    name: 'mappings: words are not checked for what has to be escaped',
    file: `${POSTGRES}/bulk-types.ts`,
    within: 'bulkTypeOf',
    search: 'if (odd !== undefined) throw',
    replace: 'if (odd === undefined) throw',
    tests: MAPPING_TEST,
  },
  {
    name: 'mappings: an instant that never comes is written as a number',
    file: `${POSTGRES}/bulk-types.ts`,
    within: 'instantText',
    search: "'infinity'",
    replace: 'String(at)',
    tests: MAPPING_TEST,
    only: 'writes an instant that is infinity',
  },
  {
    name: 'mappings: 64-bit numbers lose digits in JSON',
    file: `${POSTGRES}/json-tuples.ts`,
    within: 'jsonTuples',
    search: "isInt8 ? '::text' : ''",
    replace: "isInt8 ? '' : ''",
    tests: MAPPING_TEST,
    only: 'with 64-bit numbers as text',
  },
  {
    name: 'mappings: payments are stored without the address where the customer pays',
    file: 'src/contexts/order/adapters/postgres/order-mappings.ts',
    within: 'paymentChange',
    search: 'providerUrl: payments.providerUrl,',
    replace: '',
    tests: PLANS_TEST,
    only: 'send the recorded texts',
  },
  {
    name: 'mappings: a batcher sends another text',
    file: 'src/contexts/point/adapters/postgres/mappings.ts',
    within: 'LOT_CHANGE',
    search: 'id: lots.id, remaining: lots.remaining,',
    replace: 'remaining: lots.remaining, id: lots.id,',
    tests: PLANS_TEST,
    only: 'send the recorded texts',
  },
];
