import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { copyTree } from './tree.ts';

it('a copy of the project has the scripts that the gateway reads when it opens, until it is removed', () => {
  const tree = copyTree();
  try {
    expect(readdirSync(join(tree.path, 'dist/api-docs'))).toContainEqual(expect.stringMatching(/\.js$/));
  } finally {
    tree.remove();
  }
  expect(existsSync(tree.path)).toBe(false);
});
