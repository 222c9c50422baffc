import { generateKeyPairSync } from 'node:crypto';
import { dkimVerify } from 'mailauth/lib/dkim/verify.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mailSettings } from '../../../test/support/mail.ts';
import { type FaultySmtp, startFaultySmtp } from '../../../test/support/smtp-server.ts';
import { dkimSignature } from './dkim-signature.ts';
import { smtpTransport } from './smtp-transport.ts';

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const PUBLISHED = `v=DKIM1; k=rsa; p=${publicKey.export({ type: 'spki', format: 'der' }).toString('base64')}`;
const UNSUBSCRIBE = 'https://shop.example.com/unsubscribe?token=abc';

/** What the domain publishes: the key of its selector. */
const resolver = async (name: string, type: string): Promise<string[][]> => {
  if (name !== 'stampede._domainkey.shop.example.com' || type !== 'TXT')
    throw Object.assign(new Error(`${name} has no ${type}`), { code: 'ENOTFOUND' });
  return [[PUBLISHED]];
};

let server: FaultySmtp;
let mail: string;
beforeAll(async () => {
  server = await startFaultySmtp();
  const transport = smtpTransport({
    ...mailSettings(server.port),
    dkim: {
      domain: 'shop.example.com',
      selector: 'stampede',
      privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    },
  });
  const sent = await transport.send({
    to: 'ada@example.com',
    subject: '(광고) [Cafe "Sol"] 새 쿠폰이 있습니다',
    text: `오픈 기념 쿠폰\n.\n.. ${'가'.repeat(500)}\n`,
    html: '<p>오픈 기념 쿠폰</p>',
    language: 'ko',
    messageId: 'notice-1@shop.example.com',
    headers: { 'List-Unsubscribe': `<${UNSUBSCRIBE}>`, 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' },
  });
  expect(sent).toEqual({ kind: 'ACCEPTED' });
  transport.close();
  // As a server stores it: RFC 5321 takes one dot from lines that begin with one.
  mail = (server.received[0] ?? '').replaceAll(/^\./gm, '').replaceAll('\n', '\r\n');
});
afterAll(() => server.close());

/** The results of all signatures, by the library of a mail server. */
async function verified(text: string | Buffer) {
  const { results } = await dkimVerify(text, { resolver });
  return results.map(({ status, signingDomain }) => [signingDomain, status.result, status.aligned]);
}
const PASSED = [['shop.example.com', 'pass', 'shop.example.com']];

describe('the DKIM signature of a mail', () => {
  it('is valid with the published key, for the domain of the sender', async () => {
    expect(await verified(mail)).toEqual(PASSED);
  });

  it('is not valid without the key in DNS', async () => {
    const { results } = await dkimVerify(mail, { resolver: () => resolver('other', 'TXT') });
    expect(results[0]?.status.result).not.toBe('pass');
  });

  it.each([
    ['the link of one-click unsubscription', UNSUBSCRIBE, UNSUBSCRIBE.replace('abc', 'abd')],
    ['the header that makes it one click', 'List-Unsubscribe=One-Click', 'List-Unsubscribe=Two-Click'],
    ['the recipient', 'To: ada@', 'To: eve@'],
  ])('is not valid after a change of %s', async (_, from, to) => {
    const changed = mail.replace(from, to);
    expect(changed).not.toBe(mail);
    expect(await verified(changed)).not.toEqual(PASSED);
  });

  it.each([
    ['another link of one-click unsubscription', 'List-Unsubscribe: <https://elsewhere.example/>'],
    ['another sender', 'From: Eve <eve@elsewhere.example>'],
    ['another subject', 'Subject: Pay here'],
    ['an address for replies, of which it has none', 'Reply-To: eve@elsewhere.example'],
  ])('is not valid with %s, before or after the other headers', async (_, header) => {
    const end = mail.indexOf('\r\n\r\n');
    for (const changed of [`${header}\r\n${mail}`, `${mail.slice(0, end)}\r\n${header}${mail.slice(end)}`]) {
      const [result] = await verified(changed);
      expect(result?.[1]).toBe('fail');
    }
  });

  it('is valid with headers that servers add on its way', async () => {
    expect(await verified(`Received: from a by b\r\n\tfor <ada@example.com>\r\n${mail}`)).toEqual(PASSED);
  });

  it('covers an empty body, spaces, folded headers and umlauts', async () => {
    const signer = { domain: 'shop.example.com', selector: 'stampede', key: privateKey };
    for (const body of ['', '\r\n\r\n', ' a  b \t\r\n\r\n c\r\n\r\n', 'no line end']) {
      const plain = `From:  Shop <no-reply@shop.example.com> \r\nsubject : \tfolded\r\n\t b\xc3\xa4r  \r\n\r\n${body}`;
      expect(await verified(Buffer.from(dkimSignature(plain, signer) + plain, 'latin1'))).toEqual(PASSED);
    }
  });

  it('is not valid with a line more in the body', async () => {
    expect(await verified(`${mail}more\r\n`)).not.toEqual(PASSED);
  });
});
