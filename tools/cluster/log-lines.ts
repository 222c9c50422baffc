/** Colours of names, in turn. */
const COLOURS = [36, 33, 32, 35, 34, 96, 93, 92, 95, 94];
const LEVELS: Readonly<Record<number, readonly [text: string, colour: number]>> = {
  10: ['TRACE', 90],
  20: ['DEBUG', 90],
  30: ['INFO', 32],
  40: ['WARN', 33],
  50: ['ERROR', 31],
  60: ['FATAL', 31],
};
/** Of every line of pino; the process is named before it. */
const OMITTED: ReadonlySet<string> = new Set(['level', 'time', 'pid', 'hostname', 'msg', 'name']);
const VALUE_CHARS_MAX = 300;

export interface LogLines {
  /** Returns the line as it is shown: the name, and of a JSON line the level, the message and the facts. */
  format(name: string, line: string): string;
}

/** @param names of all that print, so that the lines align */
export function logLines(names: readonly string[], hasColours: boolean): LogLines {
  const width = Math.max(...names.map((name) => name.length));
  const paint = (text: string, colour: number) => (hasColours ? `\u001b[${colour}m${text}\u001b[0m` : text);
  return {
    format(name, line) {
      const index = names.indexOf(name);
      const prefix = paint(`${name.padEnd(width)} |`, COLOURS[Math.max(0, index) % COLOURS.length] ?? 36);
      const facts = factsIn(line);
      if (facts === undefined) return `${prefix} ${printable(line)}`;
      const [level, colour] = LEVELS[Number(facts['level'])] ?? ['', 0];
      const rest = Object.entries(facts).filter(([key]) => !OMITTED.has(key));
      const shown = rest.map(([key, value]) => ` ${paint(`${key}=`, 90)}${short(value)}`).join('');
      return `${prefix} ${paint(level.padEnd(5), colour)} ${printable(String(facts['msg'] ?? ''))}${shown}`;
    },
  };
}

function factsIn(line: string): Readonly<Record<string, unknown>> | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const parsed: unknown = JSON.parse(line);
    return typeof parsed === 'object' && parsed !== null && 'level' in parsed ? { ...parsed } : undefined;
  } catch {
    return undefined;
  }
}

/** Of an error its message: the stack is in the file of the process. */
function short(value: unknown): string {
  const isError = typeof value === 'object' && value !== null && 'message' in value;
  const text = isError ? String(value.message) : typeof value === 'string' ? value : JSON.stringify(value);
  return printable(text.length > VALUE_CHARS_MAX ? `${text.slice(0, VALUE_CHARS_MAX)}…` : text);
}

/** What a process prints must not move the cursor. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is removed
const printable = (text: string): string => text.replace(/[\u0000-\u001f\u007f-\u009f]/g, ' ');
