/** A fenced block of a document that the tour runs, with what it is expected to print. */
export interface TourBlock {
  /** The line of the fence in the document, from 1. */
  readonly line: number;
  readonly script: string;
  /** One of its requests is refused, so it prints a problem document. */
  readonly isRefused: boolean;
  /** What the output has to contain, as in the block that follows it: `json tour`. */
  readonly expected: string | undefined;
}

const FENCE = /^```(.*)\n([\s\S]*?)^```$/gm;
const ID = /\d{15,}/g;
const TIME = /\d{4}-\d\d-\d\dT[\d:.]+Z/g;

/** Returns the blocks of a Markdown text whose info string is `bash tour` or `bash tour refused`, in their order. */
export function tourBlocks(markdown: string): readonly TourBlock[] {
  const fences = [...markdown.matchAll(FENCE)].map((match) => ({
    info: match[1]?.trim() ?? '',
    content: match[2] ?? '',
    line: markdown.slice(0, match.index).split('\n').length,
  }));
  return fences.flatMap(({ info, content, line }, index) => {
    if (!/^bash tour\b/.test(info)) return [];
    const next = fences[index + 1];
    const expected = next?.info === 'json tour' ? next.content.trim() : undefined;
    return [{ line, script: content, isRefused: info.endsWith(' refused'), expected }];
  });
}

/**
 * Returns what is wrong with the output of a block; undefined when it is as the document says. Ids and times may differ from those of the document,
 * `…` stands for any text, and line breaks for none.
 */
export function problemIn(block: TourBlock, output: string): string | undefined {
  const hasProblem = output.includes('"type":"urn:stampede:problem:');
  if (hasProblem !== block.isRefused)
    return block.isRefused ? 'no request was refused' : 'a request was refused that should not be';
  if (block.expected === undefined || contains(output, block.expected)) return undefined;
  return `it is not what follows in the document:\n${block.expected}`;
}

/** Says whether the parts between the `…` are in the output, in their order. */
function contains(output: string, expected: string): boolean {
  const text = withoutValues(output);
  let from = 0;
  for (const part of withoutValues(expected).split('…')) {
    const at = text.indexOf(part, from);
    if (at === -1) return false;
    from = at + part.length;
  }
  return true;
}

const withoutValues = (text: string): string =>
  text.replaceAll(/\n\s*/g, '').replaceAll(ID, 'ID').replaceAll(TIME, 'TIME');
