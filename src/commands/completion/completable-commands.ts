import type { Command, Option } from 'commander';

/** A command with what may follow it. */
export interface CompletableCommand {
  /** From the program on, without its name: [] is the program itself, ['codes', 'export'] a command of a group. */
  readonly path: readonly string[];
  readonly description: string;
  readonly subcommands: readonly string[];
  readonly options: readonly CompletableOption[];
  /** The values that the first argument may have. Empty: any. */
  readonly values: readonly string[];
}

export interface CompletableOption {
  /** With its two hyphens. */
  readonly name: string;
  readonly description: string;
  readonly takesValue: boolean;
  /** The values that it may have. Empty: any. */
  readonly values: readonly string[];
}

const HELP: CompletableOption = { name: '--help', description: 'show the options', takesValue: false, values: [] };

/** Returns the program and every command below it, each before its own commands. */
export function completableCommands(command: Command, path: readonly string[] = []): readonly CompletableCommand[] {
  const { commands, options, registeredArguments } = command;
  const own: CompletableCommand = {
    path,
    description: command.description(),
    subcommands: commands.map((each) => each.name()),
    options: [...options.flatMap(toCompletable), HELP],
    values: registeredArguments[0]?.argChoices ?? [],
  };
  return [own, ...commands.flatMap((each) => completableCommands(each, [...path, each.name()]))];
}

function toCompletable({ long, description, required, optional, argChoices }: Option): readonly CompletableOption[] {
  if (long === undefined || long === null) return [];
  return [{ name: long, description, takesValue: required || optional, values: argChoices ?? [] }];
}
