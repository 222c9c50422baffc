import { escapeHtml } from '../kernel/escape-html.ts';
import type { Language } from '../kernel/language.ts';
import { asOneLine } from '../kernel/one-line.ts';
import { BLOCKS, FRAME } from './layout.ts';

/** A part of a mail. Every text is plain text, whatever users wrote into it. */
export type MailBlock =
  | { readonly kind: 'TEXT'; readonly text: string }
  | { readonly kind: 'ITEM'; readonly title: string; readonly text: string; readonly url: string }
  | { readonly kind: 'BUTTON'; readonly text: string; readonly url: string };

/** A line at the end. */
export interface MailNote {
  readonly text: string;
  readonly url?: string;
}

/** What a mail says, before it becomes text and HTML. */
export interface MailDocument {
  readonly language: Language;
  readonly subject: string;
  /** What a list of mails shows beside the subject. */
  readonly preview: string;
  /** The name of the sender. */
  readonly brand: string;
  readonly heading: string;
  readonly blocks: readonly MailBlock[];
  readonly notes: readonly MailNote[];
}

export interface RenderedMail {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** Renders a mail in the one layout, as plain text and as HTML. Names are text in both. The subject is one line: no name adds a header. */
export function renderMail({ language, subject, preview, brand, heading, blocks, notes }: MailDocument): RenderedMail {
  const [before, between, after] = FRAME;
  const title = asOneLine(subject);
  return {
    subject: title,
    text: `${[heading, ...blocks.map(blockText), `-- \n${[brand, ...notes.map(noteText)].join('\n')}`].join('\n\n')}\n`,
    html: [
      fill(before, { language, title, preview, brand, heading }),
      ...blocks.map(blockHtml),
      between,
      ...notes.map(({ text, url }) =>
        url === undefined ? fill(BLOCKS.NOTE, { text }) : fill(BLOCKS.NOTE_LINK, { text, url }),
      ),
      after,
    ].join('\n'),
  };
}

const blockHtml = ({ kind, ...values }: MailBlock): string => fill(BLOCKS[kind], values);

function blockText(block: MailBlock): string {
  if (block.kind === 'TEXT') return block.text;
  return block.kind === 'BUTTON' ? `${block.text}:\n${block.url}` : `* ${block.title}\n  ${block.text}\n  ${block.url}`;
}

const noteText = ({ text, url }: MailNote): string => (url === undefined ? text : `${text}: ${url}`);

/** Every value is escaped in one place. A slot without a value is a mistake in the layout. */
function fill(piece: string, values: Readonly<Record<string, string>>): string {
  return piece.replaceAll(/\[\[(\w+)\]\]/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`the layout of mails has an unknown slot, ${name}`);
    return escapeHtml(value);
  });
}
