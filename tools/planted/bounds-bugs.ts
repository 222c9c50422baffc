import type { PlantedBug } from './bugs.ts';

const TEXT = 'src/platform/kernel/text.ts';
const SCHEMAS = 'src/gateway/server/schemas.ts';
const SCHEMAS_TEST = ['src/gateway/server/schemas.test.ts'];

/** In the bounds of texts and times. */
export const BOUNDS_BUGS: readonly PlantedBug[] = [
  {
    name: 'bounds: a text may turn the text around it',
    file: TEXT,
    within: 'UNPRINTABLE',
    search: '\\u2028-\\u202e',
    replace: '',
    tests: ['src/platform/kernel/text.test.ts'],
  },
  {
    name: 'bounds: a name of fillers is not blank',
    file: TEXT,
    within: 'INVISIBLE',
    search: '\\p{Default_Ignorable_Code_Point}',
    replace: '',
    tests: ['src/platform/kernel/text.test.ts'],
  },
  {
    name: 'bounds: decomposed text is stored as it came',
    file: SCHEMAS,
    within: 'plainText',
    search: ".normalize('NFC')",
    replace: '',
    tests: SCHEMAS_TEST,
  },
  {
    name: 'bounds: any year is accepted',
    file: SCHEMAS,
    within: 'Instant',
    search: ".refine(isAcceptedInstant, 'must be in the years 1970 to 9999')",
    replace: '',
    tests: [...SCHEMAS_TEST, 'test/bounds/bounds.int.test.ts'],
  },
];
