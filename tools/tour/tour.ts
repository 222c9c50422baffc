import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { problemIn, type TourBlock, tourBlocks } from './blocks.ts';
import { newcomersEnv, type StartedClone } from './clone.ts';
import { openTourShell } from './shell.ts';

/** One step of the walk or the tour, when it is done. */
export interface Step {
  readonly name: string;
  readonly seconds: number;
}

/** The address in documents, in place of which the tour uses that of its server, so that it runs beside others. */
const WRITTEN_URL = 'http://127.0.0.1:4000';
const IS_RUSH = / rush$/m;
const IS_FIRST_COUPON = /\/issue\b/;

/**
 * Runs the blocks of the clone's README and of its other documents in their order, each document in a shell of its own, against the clone's server.
 * `until`: the first coupon, without the rush before it, or the end. Throws, with the line of the block and what it printed, when one does not do what
 * its document says.
 */
export async function runTour(options: {
  readonly clone: string;
  readonly server: StartedClone;
  readonly until: 'FIRST_COUPON' | 'END';
  readonly onStep: (step: Step) => void;
}): Promise<void> {
  const { clone, until } = options;
  for (const document of until === 'END' ? documentsOf(clone) : ['README.md']) {
    const blocks = tourBlocks(readFileSync(join(clone, document), 'utf8'));
    await runBlocks({ ...options, document, blocks: until === 'END' ? blocks : upToFirstCoupon(blocks) });
  }
}

/** The README, then all others by name. */
const documentsOf = (clone: string): readonly string[] => [
  'README.md',
  ...globSync('docs/**/*.md', { cwd: clone }).toSorted(),
];

async function runBlocks(options: {
  readonly clone: string;
  readonly server: StartedClone;
  readonly document: string;
  readonly blocks: readonly TourBlock[];
  readonly onStep: (step: Step) => void;
}): Promise<void> {
  const { clone, server, document, blocks, onStep } = options;
  if (blocks.length === 0) return;
  const password = readFileSync(join(clone, '.stampede/admin-password.txt'), 'utf8').trim();
  const shell = openTourShell({ cwd: clone, env: newcomersEnv(0), typed: [password] });
  try {
    for (const block of blocks) {
      const { isOk, output, seconds } = await shell.run(block.script.replaceAll(WRITTEN_URL, server.url));
      const problem = isOk ? problemIn(block, output) : 'a command failed';
      if (problem !== undefined) throw new Error(`${document}:${block.line}: ${problem}\nIt printed:\n${output}`);
      onStep({ name: `${document}:${block.line}  ${firstCommandOf(block)}`, seconds });
    }
  } finally {
    await shell.close();
  }
}

function upToFirstCoupon(blocks: readonly TourBlock[]): readonly TourBlock[] {
  const first = blocks.findIndex(({ script }) => IS_FIRST_COUPON.test(script));
  if (first === -1) throw new Error('the README issues no coupon');
  return blocks.slice(0, first + 1).filter(({ script }) => !IS_RUSH.test(script));
}

const firstCommandOf = ({ script }: TourBlock): string => script.slice(0, 60).split('\n')[0] ?? '';
