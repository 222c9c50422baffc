import type { PlantedBug } from './bugs.ts';
import {
  isCloser,
  parse,
  pieceWithoutParentheses,
  type Syntax,
  split,
  syntaxError,
  type Token,
  withoutParentheses,
} from './syntax.ts';

export type Mutation = Pick<PlantedBug, 'file' | 'within' | 'search' | 'replace'>;

interface Range {
  readonly start: number;
  readonly end: number;
}

/** Returns the text of a file with a bug in it. Throws what is wrong with the bug's entry when its code does not occur exactly once. */
export function mutate(text: string, mutation: Mutation): string {
  const { file, within } = mutation;
  const source = withoutParentheses(file, text);
  const syntax = parse(file, source);
  const isScoped = within !== undefined || syntax.declarations.length === 0;
  // As it stands there first: not all parentheses after `return` are the formatter's choice.
  for (const adapt of [(piece: string) => piece, pieceWithoutParentheses]) {
    const [search, replace] = [adapt(mutation.search), adapt(mutation.replace)];
    const found = find(syntax, search).filter(
      (range) => within === undefined || around(syntax, range).includes(within),
    );
    const [range] = found;
    if (!range) continue;
    if (found.length > 1 || !isScoped) throw new Error(advice(syntax, mutation, found));
    const mutated = source.slice(0, range.start) + replace.trim() + source.slice(range.end);
    if (mutated === source) throw new Error('`replace` is the same as `search`');
    const error = syntaxError(file, mutated);
    if (error !== undefined) throw new Error(`with \`replace\`, ${file} has a syntax error: ${error}`);
    return mutated;
  }
  throw new Error(advice(syntax, mutation, []));
}

/** Does a piece of code occur in a file? */
export function occursIn(file: string, text: string, search: string): boolean {
  const syntax = parse(file, withoutParentheses(file, text));
  return [search, pieceWithoutParentheses(search)].some((piece) => find(syntax, piece).length > 0);
}

/** Each occurrence, token by token: format, comments, trailing commas and the kind of quotes make no difference. */
function find({ tokens: all }: Syntax, search: string): Range[] {
  const pattern = split(search).filter(({ isTrailingComma }) => !isTrailingComma);
  // The last element of a list may or may not have a comma after it.
  const endsInComma = pattern.at(-1)?.text === ',';
  if (endsInComma) pattern.pop();
  const tokens = all.filter(({ isTrailingComma }) => !isTrailingComma);
  return tokens.flatMap((first, index) => {
    if (!pattern.every(({ text }, step) => tokens[index + step]?.text === text)) return [];
    const last = tokens[index + pattern.length - 1];
    if (!last) return [];
    if (!endsInComma) return [{ start: first.start, end: last.end }];
    const next = all[all.indexOf(last) + 1];
    if (next?.text === ',') return [{ start: first.start, end: next.end }];
    return next && isCloser(next) ? [{ start: first.start, end: last.end }] : [];
  });
}

/** The paths of the declarations around a range, the outermost first. */
function around({ declarations }: Syntax, { start, end }: Range): string[] {
  return declarations.filter((each) => each.start <= start && end <= each.end).map(({ path }) => path);
}

function advice(syntax: Syntax, { file, within, search }: Mutation, found: readonly Range[]): string {
  const all = find(syntax, search);
  const paths = [...new Set(all.map((range) => around(syntax, range)[0] ?? '(none)'))];
  if (within === undefined && all.length === 1) return `the entry lacks its declaration: \`within: '${paths[0]}'\``;
  if (found.length > 1) {
    const inner = all.map((range) => around(syntax, range).at(-1));
    return `\`search\` occurs ${found.length} times (in ${inner.join(', ')}): lengthen it, or name an inner declaration in \`within\``;
  }
  if (all.length > 0) return `\`search\` occurs in ${file}, but in ${paths.join(', ')} and not in ${within}`;
  const scope = syntax.declarations.filter(({ path }) => path === within);
  const isGone = within !== undefined && scope.length === 0;
  const near = nearest(syntax, search, isGone || within === undefined ? undefined : scope);
  const lines = [`\`search\` does not occur in ${within ?? file}`];
  if (isGone) lines.push(`${file} has no declaration ${within}`);
  if (near) {
    lines.push(
      `the most similar code, in ${around(syntax, near)[0] ?? file}:`,
      syntax.text.slice(near.start, near.end),
    );
    lines.push(...renames(split(search), split(syntax.text.slice(near.start, near.end))));
  }
  return lines.join('\n');
}

/** The piece of code that takes the fewest insertions, deletions and changes of tokens to become `search` (Sellers' algorithm). */
function nearest({ tokens: all }: Syntax, search: string, scope: readonly Range[] | undefined): Range | undefined {
  const tokens = all.filter(({ start, end }) => !scope || scope.some((each) => each.start <= start && end <= each.end));
  const pattern = split(search);
  let best: { cost: number; misfit: number; range: Range } | undefined;
  // Of each prefix of the pattern: what its best match that ends before the present token costs, and where that begins.
  let column = [...pattern.keys(), pattern.length].map((cost) => ({ cost, from: 0 }));
  for (const [index, token] of tokens.entries()) {
    const next = [{ cost: 0, from: index + 1 }];
    let diagonal = { cost: 0, from: index };
    for (const [row, { text }] of pattern.entries()) {
      const above = next[row];
      const left = column[row + 1];
      if (!above || !left) throw new Error('the columns have one row more than the pattern has tokens');
      const options = [
        { cost: diagonal.cost + (text === token.text ? 0 : 1), from: diagonal.from },
        { cost: left.cost + 1, from: left.from },
        { cost: above.cost + 1, from: above.from },
      ];
      next.push(options.reduce((one, other) => (other.cost < one.cost ? other : one)));
      diagonal = left;
    }
    column = next;
    const whole = column.at(-1);
    const first = whole && tokens[whole.from];
    if (!whole || !first || whole.from > index) continue;
    // Of two that cost the same, the one as long as the pattern: there something was renamed.
    const misfit = Math.abs(index - whole.from + 1 - pattern.length);
    if (!best || whole.cost < best.cost || (whole.cost === best.cost && misfit < best.misfit))
      best = { cost: whole.cost, misfit, range: { start: first.start, end: token.end } };
  }
  return best && best.cost <= pattern.length / 2 ? best.range : undefined;
}

/** What was renamed, when nothing else changed: each word became one other word. */
function renames(before: readonly Token[], after: readonly Token[]): string[] {
  if (before.length !== after.length) return [];
  const renamed = new Map<string, string>();
  for (const [index, { text }] of before.entries()) {
    const now = after[index]?.text ?? '';
    if (now !== text && !(/\w/.test(text) && /\w/.test(now))) return [];
    if ((renamed.get(text) ?? now) !== now) return [];
    renamed.set(text, now);
  }
  return [...renamed].filter(([from, to]) => from !== to).map(([from, to]) => `renamed: ${from} -> ${to}`);
}
