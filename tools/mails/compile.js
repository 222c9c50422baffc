// npm ci --prefix tools/mails --ignore-scripts && npm run compile --prefix tools/mails: makes src/platform/mail/layout.ts of layout.mjml.
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import mjml from 'mjml';

const source = await readFile(new URL('layout.mjml', import.meta.url), 'utf8');
const { html, errors } = await mjml(source, { validationLevel: 'strict', keepComments: true });
if (errors.length > 0) throw new Error(errors.map(({ formattedMessage }) => formattedMessage).join('\n'));

/** The frame around the two groups of blocks, and the blocks of both. */
const frame = [];
const blocks = {};
const [head, ...pieces] = html.replace(/<!-- The layout[^>]*-->/, '').split(/<!--cut (\w+)-->/);
frame.push(head);
for (let index = 0; index < pieces.length; index += 2) {
  const [name, piece] = [pieces[index], pieces[index + 1]];
  if (name === 'end') frame.push(piece);
  else blocks[name] = piece;
}
if (frame.length !== 3) throw new Error('the layout must have two groups of blocks');

// Clients count the bytes of a mail: Gmail cuts it at 102 kB.
const compact = (text) => text.replaceAll(/\s*\n\s*/g, '\n').trim();
const literal = (text) => `\`${compact(text).replaceAll(/[\\`$]/g, '\\$&')}\``;
const lines = [
  '// Made of tools/mails/layout.mjml by tools/mails/compile.js. A slot such as [[text]] is filled in by render-mail.ts.',
  `export const LAYOUT_SOURCE = '${createHash('sha256').update(source).digest('hex')}';`,
  `export const FRAME = [${frame.map(literal).join(', ')}] as const;`,
  'export const BLOCKS = {',
  ...Object.entries(blocks).map(([name, piece]) => `${name}: ${literal(piece)},`),
  '} as const;',
];
await writeFile(new URL('../../src/platform/mail/layout.ts', import.meta.url), `${lines.join('\n')}\n`);
