import type { Command } from 'commander';
import { EXIT } from '../exit-codes.ts';
import { completableCommands } from './completable-commands.ts';
import { completionScript } from './completion-script.ts';
import type { Shell } from './shells.ts';

export interface CompletionOptions {
  readonly shell: Shell;
  readonly program: Command;
}

/** `stampede completion`: prints the script. */
export async function run({ shell, program }: CompletionOptions): Promise<number> {
  process.stdout.write(completionScript(shell, completableCommands(program)));
  return EXIT.DONE;
}
