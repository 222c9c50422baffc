import ts from 'typescript';

/** A word or a punctuation mark, of code and of texts in it alike, with its range in the source. */
export interface Token {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** A comma before a closing bracket: formatters add and remove it. */
  readonly isTrailingComma: boolean;
}

/** `path`: the names of the declarations around it and its own, such as `createBatcher.attempt`. */
export interface Declaration {
  readonly path: string;
  readonly start: number;
  readonly end: number;
}

export interface Syntax {
  readonly text: string;
  readonly tokens: readonly Token[];
  /** Outer ones before inner ones. */
  readonly declarations: readonly Declaration[];
}

/** The tokens and declarations of a file. SQL files have no declarations. */
export function parse(file: string, text: string): Syntax {
  if (!file.endsWith('.ts')) return { text, tokens: split(text), declarations: [] };
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  return { text, tokens: markTrailingCommas(tokensOf(source)), declarations: declarationsOf(source) };
}

/** The tokens of a piece of code, which need not be complete. Comments in it are not recognized. */
export function split(text: string): Token[] {
  return markTrailingCommas(tokensIn(text, 0));
}

/**
 * The text without the parentheses that formatters add and remove: around what is returned or thrown when it takes
 * several lines, and around a conditional that an arrow function returns when it takes one.
 */
export function withoutParentheses(file: string, text: string): string {
  if (!file.endsWith('.ts')) return text;
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const cuts: { readonly start: number; readonly end: number }[] = [];
  const visit = (node: ts.Node): void => {
    ts.forEachChild(node, visit);
    if (!ts.isParenthesizedExpression(node) || !isFormattersChoice(node)) return;
    const [open, close] = [node.getStart(source), node.getEnd() - 1];
    const { expression } = node;
    const before = { start: open, end: expression.getStart(source) };
    const after = { start: expression.getEnd(), end: close + 1 };
    // Comments stay, and so do their parentheses.
    const isBare = `${text.slice(open + 1, before.end)}${text.slice(after.start, close)}`.trim() === '';
    if (isBare) cuts.push(before, after);
  };
  visit(source);
  let result = text;
  for (const { start, end } of cuts.toSorted((a, b) => b.start - a.start))
    result = result.slice(0, start) + result.slice(end);
  return result;
}

function isFormattersChoice({ parent, expression }: ts.ParenthesizedExpression): boolean {
  if (ts.isReturnStatement(parent) || ts.isThrowStatement(parent)) return true;
  return ts.isArrowFunction(parent) && ts.isConditionalExpression(expression);
}

/** The same for a piece of code, which need not be complete: parentheses that are closed later in the file are opened only. */
export function pieceWithoutParentheses(piece: string): string {
  const found = /(?:^|\breturn|\bthrow|=>)\s*(\()(?!\s*\{)/d.exec(piece);
  const open = found?.indices?.[1]?.[0];
  if (open === undefined) return piece;
  const close = closing(piece, open);
  const rest = pieceWithoutParentheses(piece.slice(open + 1, close));
  if (close === undefined) return piece.slice(0, open) + rest;
  const after = pieceWithoutParentheses(piece.slice(close + 1));
  const isWhole = /^\s*([,;)\]}]|$)/.test(after);
  return piece.slice(0, open) + (isWhole ? rest : `(${rest})`) + after;
}

function closing(piece: string, open: number): number | undefined {
  let depth = 0;
  for (let index = open; index < piece.length; index += 1) {
    if (piece[index] === '(') depth += 1;
    if (piece[index] === ')') depth -= 1;
    if (depth === 0) return index;
  }
  return undefined;
}

/** The contents of all string literals and of the fixed parts of templates. */
export function textsOf(file: string, text: string): string[] {
  const texts: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node))
      texts.push(node.text);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, text, ts.ScriptTarget.Latest));
  return texts;
}

/** The first syntax error in a file, if there is one. */
export function syntaxError(file: string, text: string): string | undefined {
  if (!file.endsWith('.ts')) return undefined;
  const options = { target: ts.ScriptTarget.Latest, experimentalDecorators: true };
  const { diagnostics } = ts.transpileModule(text, { compilerOptions: options, reportDiagnostics: true });
  return diagnostics?.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' '))[0];
}

function tokensIn(text: string, offset: number): Token[] {
  return [...text.matchAll(/[\w$]+|[^\s\w$]/g)].map(({ 0: found, index }) => ({
    // Which quotes a string has is the formatter's choice.
    text: found === '"' ? "'" : found,
    start: offset + index,
    end: offset + index + found.length,
    isTrailingComma: false,
  }));
}

/** Only the leaves of the tree have text of their own; comments are between them. */
function tokensOf(source: ts.SourceFile): Token[] {
  const tokens: Token[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isJSDoc(node)) return;
    const children = node.getChildren(source);
    if (children.length === 0) tokens.push(...tokensIn(node.getText(source), node.getStart(source)));
    else children.forEach(visit);
  };
  visit(source);
  return tokens;
}

function markTrailingCommas(tokens: readonly Token[]): Token[] {
  return tokens.map((token, index) => {
    const next = tokens[index + 1];
    return { ...token, isTrailingComma: token.text === ',' && next !== undefined && isCloser(next) };
  });
}

export function isCloser({ text }: Token): boolean {
  return text === ')' || text === ']' || text === '}';
}

function declarationsOf(source: ts.SourceFile): Declaration[] {
  const declarations: Declaration[] = [];
  const visit = (node: ts.Node, outer: readonly string[]): void => {
    const name = nameOf(node);
    const names = name === undefined ? outer : [...outer, name];
    if (name !== undefined) {
      const whole = statementOf(node);
      declarations.push({ path: names.join('.'), start: whole.getStart(source), end: whole.getEnd() });
    }
    ts.forEachChild(node, (child) => visit(child, names));
  };
  visit(source, []);
  return declarations;
}

function nameOf(node: ts.Node): string | undefined {
  if (ts.isConstructorDeclaration(node)) return 'constructor';
  const isNamed =
    ts.isFunctionDeclaration(node) ||
    ts.isVariableDeclaration(node) ||
    ts.isClassDeclaration(node) ||
    ts.isClassElement(node) ||
    ts.isPropertyAssignment(node) ||
    ts.isInterfaceDeclaration(node) ||
    ts.isTypeAliasDeclaration(node) ||
    ts.isEnumDeclaration(node);
  const name = isNamed ? node.name : undefined;
  return name && (ts.isIdentifier(name) || ts.isPrivateIdentifier(name)) ? name.text : undefined;
}

/** `const a = 1;` is the declaration of a, with its first and last token. */
function statementOf(node: ts.Node): ts.Node {
  const statement = node.parent?.parent;
  return ts.isVariableDeclaration(node) && statement && ts.isVariableStatement(statement) ? statement : node;
}
