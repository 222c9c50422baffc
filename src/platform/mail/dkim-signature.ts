import { createHash, type KeyObject, sign } from 'node:crypto';
import { domainToASCII } from 'node:url';

/** The key of a domain, as its DNS publishes it at `selector._domainkey.domain`. */
export interface DkimSigner {
  readonly domain: string;
  readonly selector: string;
  /** A private RSA key. */
  readonly key: KeyObject;
}

/**
 * What a signature covers. RFC 8058: both headers of one-click unsubscription, else mail programs ignore them. Those that no mail has here are named, too:
 * none can be added.
 */
const SIGNED_HEADERS = [
  ...['From', 'Sender', 'Reply-To', 'Subject', 'Date', 'Message-ID', 'To', 'Cc', 'In-Reply-To', 'References'],
  ...['MIME-Version', 'Content-Type', 'Content-Transfer-Encoding', 'Content-Language'],
  ...['List-Unsubscribe', 'List-Unsubscribe-Post', 'Feedback-ID', 'Precedence', 'Auto-Submitted'],
].map((name) => name.toLowerCase());

/**
 * Signs a mail by DKIM (RFC 6376, relaxed/relaxed, rsa-sha256). Each header is named once more often than the mail has it, so that a mail to which another one
 * was added has no valid signature: mail programs differ in which of two they show. Nodemailer and mailauth name only the headers that a mail has.
 * @param mail the bytes of the mail as latin1 text, with CRLF at the end of each line
 * @returns the header line DKIM-Signature, folded, with its CRLF; it goes before the mail
 */
export function dkimSignature(mail: string, { domain, selector, key }: DkimSigner): string {
  const end = mail.indexOf('\r\n\r\n');
  const headers = headersOf(end < 0 ? mail : mail.slice(0, end));
  const body = end < 0 ? '' : mail.slice(end + 4);
  const signed = SIGNED_HEADERS.map((name) => {
    // A verifier takes the lowest one first.
    const lines = headers.filter((each) => each.name === name).toReversed();
    return { lines: lines.map(({ line }) => line), names: Array.from({ length: lines.length + 1 }, () => name) };
  });
  const bodyHash = createHash('sha256').update(relaxedBody(body), 'latin1').digest('base64');
  const tags = [
    ...['v=1', 'a=rsa-sha256', 'c=relaxed/relaxed', `d=${domainToASCII(domain)}`, `s=${selector}`, `bh=${bodyHash}`],
    `h=${signed.flatMap(({ names }) => names).join(':\r\n ')}`,
    'b=',
  ].join(';\r\n ');
  const covered = [...signed.flatMap(({ lines }) => lines), `dkim-signature:${relaxed(tags)}`].join('\r\n');
  const signature = sign('sha256', Buffer.from(covered, 'latin1'), key).toString('base64');
  return `DKIM-Signature: ${tags}${signature.replaceAll(/.{1,72}/g, '\r\n $&')}\r\n`;
}

/** Unfolded, in the form that is signed. */
const headersOf = (text: string): readonly { readonly name: string; readonly line: string }[] =>
  text.split(/\r\n(?![ \t])/).map((header) => {
    const colon = header.indexOf(':');
    const name = header.slice(0, colon).trim().toLowerCase();
    return { name, line: `${name}:${relaxed(header.slice(colon + 1))}` };
  });

const relaxed = (value: string): string =>
  value
    .replaceAll('\r\n', '')
    .replaceAll(/[ \t]+/g, ' ')
    .replaceAll(/^ | $/g, '');

function relaxedBody(body: string): string {
  const lines = body.split('\r\n').map((line) => line.replaceAll(/[ \t]+/g, ' ').replace(/ $/, ''));
  while (lines.at(-1) === '') lines.pop();
  return lines.map((line) => `${line}\r\n`).join('');
}
