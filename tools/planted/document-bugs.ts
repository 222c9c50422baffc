import type { PlantedBug } from './bugs.ts';

/** In what keeps documents true. */
export const DOCUMENT_BUGS: readonly PlantedBug[] = [
  {
    name: 'documents: a refused request of the tour passes',
    file: 'tools/tour/blocks.ts',
    within: 'problemIn',
    search: 'hasProblem !== block.isRefused',
    replace: '!hasProblem && block.isRefused',
    tests: ['tools/tour/blocks.test.ts'],
  },
  {
    name: 'documents: the order of what a block prints is not looked at',
    file: 'tools/tour/blocks.ts',
    within: 'contains',
    search: 'from = at + part.length',
    replace: 'from = 0',
    tests: ['tools/tour/blocks.test.ts'],
  },
  {
    name: 'documents: links of the site lose their anchors',
    file: 'tools/site/pages.ts',
    within: 'linkTarget',
    search: "anchor === '' ? address",
    replace: "anchor !== '' ? address",
    tests: ['tools/site/links.test.ts'],
    only: 'with its anchor',
  },
];
