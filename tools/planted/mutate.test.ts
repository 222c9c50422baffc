import { describe, expect, it } from 'vitest';
import { type Mutation, mutate } from './mutate.ts';

const FILE = 'queue.ts';
const SOURCE = `
export function openQueue(queueMax: number) {
  const items: string[] = [];
  const isFull = () => items.length >= queueMax;
  return { add: (item: string) => isFull() || items.push(item), read: () => query(\`select name from items where name = $1 for update\`) };
}

export function closeQueue(queueMax: number) {
  return [0, 1].includes(queueMax) && queueMax >= 0;
}
`;
const MUTATION: Mutation = {
  file: FILE,
  within: 'openQueue',
  search: 'items.length >= queueMax',
  replace: 'items.length > queueMax',
};

describe('mutate', () => {
  it('mutate replaces the code in the declaration only', () => {
    expect(mutate(SOURCE, MUTATION)).toBe(SOURCE.replace('items.length >=', 'items.length >'));
    const inOther = { ...MUTATION, within: 'closeQueue', search: 'queueMax >= 0', replace: 'true' };
    expect(mutate(SOURCE, inOther)).toBe(SOURCE.replace('queueMax >= 0', 'true'));
  });

  it('mutate finds code whatever its format, its comments, its trailing commas and its quotes', () => {
    const mutation = { ...MUTATION, within: 'f', search: "g('a', [1, 2])", replace: 'h' };
    const formats = [
      `const f = () => g('a', [1, 2]);`,
      `const f = () =>\n  g(\n    "a", // why\n    [\n      1,\n      2,\n    ],\n  );`,
      `const f = () => /* why */ g(/** g('b') */ 'a', [1, 2,]);`,
    ];
    expect(formats.map((text) => mutate(text, mutation))).toEqual([
      'const f = () => h;',
      'const f = () =>\n  h;',
      'const f = () => /* why */ h;',
    ]);
  });

  it('mutate finds code in and across parentheses that the formatter adds around several lines', () => {
    const mutation = { ...MUTATION, within: 'f' };
    const returned = ['function f() {\n  return a && b;\n}', 'function f() {\n  return (\n    a &&\n    b\n  );\n}'];
    const picked = ['const f = () => (a ? b : c);', 'const f = () =>\n  a\n    ? b\n    : c;'];
    for (const [texts, search, replace, expected] of [
      [returned, 'return a && b;', 'return b;', 'function f() { return b; }'],
      [returned, 'return (a && b);', 'return (b);', 'function f() { return b; }'],
      [returned, 'return a &&', 'return', 'function f() { return b; }'],
      [returned, 'return (a &&', 'return (', 'function f() { return b; }'],
      [returned, '&& b;', ';', 'function f() { return a ; }'],
      [picked, '=> (a ? b : c);', '=> b;', 'const f = () => b;'],
      [picked, 'a ? b', 'a ? c', 'const f = () => a ? c : c;'],
    ] as const)
      for (const text of texts)
        expect(mutate(text, { ...mutation, search, replace }).replaceAll(/\s+/g, ' ')).toBe(expected);
    const needed = 'function f() {\n  return (a || b).c;\n}';
    expect(mutate(needed, { ...mutation, search: 'return (a || b).c', replace: 'return (a).c' })).toContain('(a).c;');
  });

  it('mutate does not find code in comments', () => {
    const text = '// a(1)\nconst f = () => a(1); // a(1)\n/** a(1) */\nconst g = 2;';
    expect(mutate(text, { ...MUTATION, within: 'f', search: 'a(1)', replace: 'b' })).toContain('() => b; // a(1)');
  });

  it('mutate finds a part of an SQL statement whatever its line breaks', () => {
    const mutation = { ...MUTATION, search: 'where name = $1 for update', replace: 'where name = $1' };
    const broken = SOURCE.replace('name = $1 for', 'name = $1\n      for');
    for (const text of [SOURCE, broken]) expect(mutate(text, mutation)).toContain('items where name = $1`)');
  });

  it('mutate finds whole words only', () => {
    expect(() => mutate(SOURCE, { ...MUTATION, search: 'length >= queue', replace: 'true' })).toThrow('does not occur');
  });

  it('mutate removes an element of a list together with the comma after it, whether or not there is one', () => {
    const mutation = { ...MUTATION, within: 'list', search: 'b,', replace: '' };
    const texts = ['const list = [a, b, c];', 'const list = [a, b];', 'const list = [\n  a,\n  b,\n];'];
    expect(texts.map((text) => mutate(text, mutation).replaceAll(/\s/g, ''))).toEqual([
      'constlist=[a,c];',
      'constlist=[a,];',
      'constlist=[a,];',
    ]);
  });

  it('mutate finds code in an inner declaration and in a member of a class', () => {
    const text =
      'class Queue {\n  #max = 1;\n  add() {\n    return this.#max + 1;\n  }\n  drop() {\n    return this.#max + 1;\n  }\n}';
    const mutation = { ...MUTATION, within: 'Queue.drop', search: '+ 1', replace: '- 1' };
    expect(mutate(text, mutation)).toBe(text.replace(/\+ 1(?=;\n {2}}\n})/, '- 1'));
    expect(mutate(text, { ...mutation, within: 'Queue.#max', search: '1', replace: '2' })).toContain('#max = 2;');
  });

  it('mutate still finds the code after a word was replaced in the source and in the entry alike', () => {
    const rename = (text: string) =>
      text.replaceAll(/\bopenQueue\b/g, 'createBuffer').replaceAll(/\bitems\b/g, 'entries');
    const renamed = { ...MUTATION, within: rename('openQueue'), search: rename(MUTATION.search), replace: 'false' };
    expect(mutate(rename(SOURCE), renamed)).toContain('const isFull = () => false;');
  });
});

describe('an entry that is wrong', () => {
  it('the failure of a wrong entry shows which words were renamed, and where the code is now', () => {
    const renamed = SOURCE.replaceAll('queueMax', 'capacity');
    expect(() => mutate(renamed, MUTATION)).toThrow(
      /in openQueue:\nitems.length >= capacity\nrenamed: queueMax -> capacity/,
    );
  });

  it('the failure of a wrong entry shows that its declaration was renamed', () => {
    const renamed = SOURCE.replaceAll('openQueue', 'createBuffer');
    expect(() => mutate(renamed, MUTATION)).toThrow('occurs in queue.ts, but in createBuffer and not in openQueue');
  });

  it('the failure of an entry without a declaration shows the declaration', () => {
    const { within: _, ...unscoped } = MUTATION;
    expect(() => mutate(SOURCE, unscoped)).toThrow("`within: 'openQueue'`");
  });

  it('an entry fails when its code occurs twice in the declaration', () => {
    const twice = SOURCE.replace('isFull() ||', 'isFull() || items.length >= queueMax ||');
    expect(() => mutate(twice, MUTATION)).toThrow('occurs 2 times (in openQueue.isFull, openQueue.add)');
  });

  it('an entry fails when its replacement leaves a syntax error or changes nothing', () => {
    expect(() => mutate(SOURCE, { ...MUTATION, replace: 'items.length >= (' })).toThrow('syntax error');
    expect(() => mutate(SOURCE, { ...MUTATION, replace: MUTATION.search })).toThrow('is the same');
  });
});
