import type { CompletableCommand, CompletableOption } from './completable-commands.ts';
import type { Shell } from './shells.ts';

/** Both names under which npm links the program. */
const NAMES = ['stampede', 'stampede-server'] as const;

type Script = (commands: readonly CompletableCommand[]) => string;

/** Returns the script that a shell reads to complete the commands. Where a file or free text is expected, it leaves the choice to the shell. */
export const completionScript = (shell: Shell, commands: readonly CompletableCommand[]): string =>
  SCRIPTS[shell](commands);

const wordsAfter = ({ subcommands, options, values }: CompletableCommand): readonly string[] => [
  ...subcommands,
  ...values,
  ...options.map(({ name }) => name),
];

/** `case` arms that set `words` for the commands typed so far. */
const pathArms = (commands: readonly CompletableCommand[]): readonly string[] =>
  commands.map((command) => `    '${command.path.join(' ')}') words='${wordsAfter(command).join(' ')}' ;;`);

/** Each option that takes a value, once for each command that has it. */
const valueOptions = (commands: readonly CompletableCommand[]) =>
  commands.flatMap(({ path, options }) =>
    options.filter(({ takesValue }) => takesValue).map((option) => ({ path: path.join(' '), ...option })),
  );

const valueArms = (commands: readonly CompletableCommand[]): readonly string[] =>
  valueOptions(commands).map(
    ({ path, name, values }) =>
      `    '${path} ${name}') words='${values.join(' ')}'; free=${values.length === 0 ? 1 : 0} ;;`,
  );

const groupsOf = (commands: readonly CompletableCommand[]): string =>
  commands
    .filter(({ path }) => path.length > 0)
    .map(({ path }) => `'${path.join(' ')}'`)
    .join('|');

const bash: Script = (commands) => `# Completion of stampede in bash: source <(stampede completion bash)
_stampede() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} typed='' words='' free=0 word
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "\${typed:+$typed }$word" in
      ${groupsOf(commands)}) typed="\${typed:+$typed }$word" ;;
    esac
  done
  case "$typed" in
${pathArms(commands).join('\n')}
  esac
  case "$typed $previous" in
${valueArms(commands).join('\n')}
  esac
  if [ "$free" = 1 ]; then return; fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _stampede ${NAMES.join(' ')}
`;

const zsh: Script = (commands) => `#compdef ${NAMES.join(' ')}
# Completion of stampede in zsh: source <(stampede completion zsh), after compinit.
_stampede() {
  local previous=$words[CURRENT-1] typed='' choices='' free=0 word
  for word in $words[2,CURRENT-1]; do
    case "\${typed:+$typed }$word" in
      ${groupsOf(commands)}) typed="\${typed:+$typed }$word" ;;
    esac
  done
  case "$typed" in
${pathArms(commands).join('\n').replaceAll(" words='", " choices='")}
  esac
  case "$typed $previous" in
${valueArms(commands).join('\n').replaceAll(" words='", " choices='")}
  esac
  if [[ $free = 1 ]]; then _files; else compadd -- \${=choices}; fi
}
compdef _stampede ${NAMES.join(' ')}
`;

const fish: Script = (commands) =>
  [
    '# Completion of stampede in fish: stampede completion fish | source',
    'function __stampede_path',
    '  set -l path',
    '  for word in (commandline -opc)[2..]',
    `    if contains -- (string join ' ' -- $path $word) ${fishPaths(commands)}`,
    '      set -a path $word',
    '    end',
    '  end',
    "  string join ' ' -- $path",
    'end',
    'function __stampede_at',
    '  set -l typed (__stampede_path)',
    '  test "$typed" = "$argv[1]"',
    'end',
    ...NAMES.flatMap((name) => commands.flatMap((command) => fishLines(name, command, commands))),
    '',
  ].join('\n');

const fishPaths = (commands: readonly CompletableCommand[]): string => groupsOf(commands).replaceAll('|', ' ');

function fishLines(
  name: string,
  { path, subcommands, values, options }: CompletableCommand,
  commands: readonly CompletableCommand[],
): readonly string[] {
  const here = path.join(' ');
  const start = `complete -c ${name} -n '__stampede_at "${here}"'`;
  const descriptionOf = (subcommand: string): string =>
    commands.find((each) => each.path.join(' ') === [...path, subcommand].join(' '))?.description ?? '';
  return [
    ...subcommands.map((each) => `${start} -f -a ${each} -d ${quoted(descriptionOf(each))}`),
    ...values.map((each) => `${start} -f -a ${each}`),
    ...options.map(
      (option) => `${start} -l ${option.name.slice(2)}${fishValue(option)} -d ${quoted(option.description)}`,
    ),
  ];
}

function fishValue({ takesValue, values }: CompletableOption): string {
  if (!takesValue) return '';
  return values.length === 0 ? ' -r' : ` -x -a ${quoted(values.join(' '))}`;
}

const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

const SCRIPTS: Readonly<Record<Shell, Script>> = { bash, zsh, fish };
