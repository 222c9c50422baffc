import ts from 'typescript';

/** A source file, parsed with the parents of its nodes. */
export type Source = ts.SourceFile;

export interface StaleName {
  readonly file: string;
  readonly line: number;
  readonly name: string;
}

export const parseSource = (file: string, text: string): Source =>
  ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);

/**
 * Finds names in backticks in comments that no code has: what a rename leaves behind. A name is known when the file's own code
 * contains it, or when another file declares it where this one could see it, or contains it in a text (SQL, codes, variables). The
 * parameters and local variables of other files do not count, because a comment cannot refer to them; nor does what only tests have.
 * @param texts files that are not TypeScript, such as SQL
 */
export function staleNames(sources: readonly Source[], texts: readonly string[]): StaleName[] {
  const shared = new Set(texts.flatMap(wordsOf));
  const all = sources.map((source) => {
    const file = readFile(source);
    if (!isTest(source.fileName)) for (const word of file.visible) shared.add(word);
    return { source, ...file };
  });
  return all.flatMap(({ source, words, comments }) =>
    comments.flatMap(({ text, start }) =>
      namesIn(text)
        .filter(({ name }) => !wordsOf(name).every((part) => words.has(part) || shared.has(part)))
        .map(({ name, at }) => ({
          file: source.fileName,
          line: source.getLineAndCharacterOfPosition(start + at).line + 1,
          name,
        })),
    ),
  );
}

interface Comment {
  readonly text: string;
  readonly start: number;
}

interface FileWords {
  /** Every word of the file's code. */
  readonly words: ReadonlySet<string>;
  /** The words of its texts, and the names that other files could use. */
  readonly visible: ReadonlySet<string>;
  readonly comments: readonly Comment[];
}

function readFile(source: Source): FileWords {
  const [words, visible, comments] = [new Set<string>(), new Set<string>(), [] as Comment[]];
  const visit = (node: ts.Node): void => {
    // Comments are read as text, from the gaps between the leaves.
    if (ts.isJSDoc(node)) return;
    const children = node.getChildren(source);
    if (children.length > 0) {
      children.forEach(visit);
      return;
    }
    const start = node.getStart(source);
    const gap = source.text.slice(node.getFullStart(), start);
    if (gap.includes('/')) comments.push({ text: gap, start: node.getFullStart() });
    const own = wordsOf(source.text.slice(start, node.getEnd()));
    for (const word of own) words.add(word);
    const seen = ts.isIdentifier(node) ? own.filter(() => isVisible(node)) : own.filter((word) => !isProse(node, word));
    for (const word of seen) visible.add(word);
  };
  visit(source);
  return { words, visible, comments };
}

/** True for the names of members and of what is declared outside functions. */
function isVisible(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent) || ts.isShorthandPropertyAssignment(parent)) return true;
  if (ts.isVariableDeclaration(parent)) return parent.name === node && ts.isSourceFile(parent.parent.parent.parent);
  if (ts.isDeclarationStatement(parent)) return ts.isSourceFile(parent.parent);
  const isMember = ts.isPropertyAssignment(parent) || ts.isClassElement(parent) || ts.isTypeElement(parent);
  return isMember && parent.name === node;
}

/** True for an English word within a text: messages and titles of tests contain too many of them. */
const isProse = (node: ts.Node, word: string): boolean => /\s/.test(node.getText()) && /^[A-Z]?[a-z]+$/.test(word);

const isTest = (file: string): boolean => /\.test\.ts$|\/test\//.test(file);

const wordsOf = (text: string): string[] => text.match(/[\w$]+/g) ?? [];

/** The names in backticks. What has blanks or operators is an expression, SQL or a command, and is not looked up. */
const namesIn = (text: string): { readonly name: string; readonly at: number }[] =>
  [...text.matchAll(/`([^`\n]+)`/g)]
    .map(({ 1: name = '', index }) => ({ name, at: index }))
    .filter(({ name }) => /^[A-Za-z_$][\w$]*(\.[A-Za-z_$][\w$]*)*(\(\))?$/.test(name));
