import { type Command, InvalidArgumentError, Option } from 'commander';
import { apiKeyOption, serverOption, wholeNumber } from '../options.ts';
import { runBody } from '../run-body.ts';
import { type Argument, type Field, kebab, type Resource, type Verb } from './verb.ts';

const PAGE_MAX = 100;

/** Defines `stampede <resource> <verb>` for each verb of the resource. */
export function defineResource(program: Command, resource: Resource): void {
  const group = program.command(resource.name).description(resource.description);
  for (const verb of resource.verbs) defineVerb(group, resource, verb);
}

function defineVerb(group: Command, resource: Resource, verb: Verb): void {
  const command = group.command(verb.name).description(verb.description);
  for (const argument of verb.args ?? []) command.argument(syntaxOf(argument), argument.description);
  const fields = [...(verb.query ?? []), ...(verb.body ?? [])].map((field) => ({
    name: field.name,
    option: optionOf(field),
  }));
  for (const { option } of fields) command.addOption(option);
  if (verb.takesFile === true)
    command.option('--file <path>', 'a JSON file with the members of the body; - is the standard input');
  if (verb.takesCsv === true)
    command.requiredOption('--file <path>', 'CSV with a column userId, or with user ids only');
  if (verb.list !== undefined) {
    command.option('--limit <n>', 'items of a page', wholeNumber(PAGE_MAX));
    command.option('--cursor <text>', 'where the page begins, as the page before printed it');
    command.option('--all', 'every page; with --json one line for each item', false);
  }
  if (verb.forUsers === true) command.option('--as-user <id>', 'the customer for whom the API key acts');
  command.option('--json', 'print what the server returned', false);
  command.addOption(serverOption()).addOption(apiKeyOption());
  if (verb.fileHelp !== undefined) command.addHelpText('after', `\n${verb.fileHelp}`);
  command.action((...given: unknown[]) => {
    const args = (verb.args ?? []).map((_, index) => given[index] as string | readonly string[]);
    const options = command.opts();
    const values = Object.fromEntries(fields.map(({ name, option }) => [name, options[option.attributeName()]]));
    return runBody(() => import('./run-verb.ts'))({ resource, verb, args, values, options: command.opts() });
  });
}

const syntaxOf = ({ name, several }: Argument): string => `<${kebab(name)}${several === true ? '...' : ''}>`;

function optionOf({ name, option: long = name, description, type, required, choices }: Field): Option {
  if (type === 'flag') return new Option(`--${kebab(long)}`, description);
  const option = new Option(`--${kebab(long)} <${type === 'number' ? 'n' : 'text'}>`, description);
  if (choices !== undefined) option.choices([...choices]);
  if (type === 'number') option.argParser(exactNumber);
  if (type === 'list') option.argParser((text) => text.split(',').map((each) => each.trim()));
  return option.makeOptionMandatory(required === true);
}

/** Reads a number that JSON holds exactly. */
function exactNumber(text: string): number {
  const value = Number(text);
  if (/^-?\d+(\.\d+)?$/.test(text) && Math.abs(value) <= Number.MAX_SAFE_INTEGER) return value;
  throw new InvalidArgumentError('It must be a number.');
}
