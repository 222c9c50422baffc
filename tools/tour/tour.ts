import { readFileSync } from 'node:fs';
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
const IS_RUSH = /^npm run rush$/m;
const IS_FIRST_COUPON = /\/issue\b/;

/**
 * Runs the blocks of the clone's README in their order against its server. `until`: the first coupon, without the rush before it, or the end.
 * Throws, with the line of the block and what it printed, when one does not do what the document says.
 */
export async function runTour(options: {
  readonly clone: string;
  readonly server: StartedClone;
  readonly until: 'FIRST_COUPON' | 'END';
  readonly onStep: (step: Step) => void;
}): Promise<void> {
  const { clone, server, until, onStep } = options;
  const blocks = tourBlocks(readFileSync(join(clone, 'README.md'), 'utf8'));
  const password = readFileSync(join(clone, '.stampede/admin-password.txt'), 'utf8').trim();
  const shell = openTourShell({ cwd: clone, env: newcomersEnv(0), typed: [password] });
  try {
    for (const block of until === 'END' ? blocks : upToFirstCoupon(blocks)) {
      const { isOk, output, seconds } = await shell.run(block.script.replaceAll(WRITTEN_URL, server.url));
      const problem = isOk ? problemIn(block, output) : 'a command failed';
      if (problem !== undefined) throw new Error(`README.md:${block.line}: ${problem}\nIt printed:\n${output}`);
      onStep({ name: nameOf(block), seconds });
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

/** Its line, and its first command without what follows a blank in quotes. */
const nameOf = ({ line, script }: TourBlock): string => `README.md:${line} ${script.split('\n')[0]?.slice(0, 60)}`;
