import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { signedHeaders, webhookSecret } from '../../../platform/http/webhook-signature.ts';
import { ATTEMPT_ERRORS } from '../api.ts';

const PAGE = readFileSync('docs/webhooks.md', 'utf8');
const sampleOf = (language: string): string => {
  const [, code] = new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``).exec(PAGE) ?? [];
  if (code === undefined) throw new Error(`docs/webhooks.md has no sample in ${language}`);
  return code;
};
const directory = mkdtempSync(join(tmpdir(), 'stampede-webhook-samples-'));
afterAll(() => rmSync(directory, { recursive: true }));

const [key, old] = [randomBytes(32), randomBytes(32)];
const secret = webhookSecret(key);
const body = '{"type":"webhook.test","data":{"name":"커피"}}';
const now = Math.floor(Date.now() / 1_000);
const signed = (keys: readonly Buffer[], timestamp = now) => signedHeaders(keys, { id: '1-a:0', timestamp, body });
/** Signed headers that lack one. */
const without = (name: string): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(signed([key])).filter(([each]) => each !== name));
/** What a receiver gets, and whether it is genuine. */
const REQUESTS: readonly (readonly [Readonly<Record<string, string>>, string, boolean])[] = [
  [signed([key]), body, true],
  [signed([old, key]), body, true],
  [signed([old]), body, false],
  [signed([key]), `${body} `, false],
  [signed([key], now - 400), body, false],
  [without('webhook-id'), body, false],
  [without('webhook-timestamp'), body, false],
  [without('webhook-signature'), body, false],
  [{ ...signed([key]), 'webhook-timestamp': 'now' }, body, false],
];
const EXPECTED = REQUESTS.map(([, , isGenuine]) => isGenuine);
const isThere = (program: string): boolean => spawnSync(program, ['--version']).status === 0;

/** Runs a program that reads the requests from a file and prints a JSON list of verdicts. */
function verdictsOf(file: string, code: string, command: readonly string[]): unknown {
  const requests = join(directory, 'requests.json');
  writeFileSync(requests, JSON.stringify(REQUESTS.map(([headers, text]) => ({ headers, text }))));
  writeFileSync(join(directory, file), code);
  const [program = '', ...args] = command;
  return JSON.parse(execFileSync(program, [...args, join(directory, file), secret, requests], { encoding: 'utf8' }));
}

it('docs/webhooks.md explains every error of an attempt', () => {
  const [, table = ''] = PAGE.split('| `lastError` |');
  const rows = table.slice(0, table.indexOf('\n\n')).matchAll(/^\| `([A-Z_]+)` \|/gm);
  expect([...rows].map(([, code]) => code)).toEqual([...ATTEMPT_ERRORS]);
});

describe('the samples of docs/webhooks.md', () => {
  it('the sample in JavaScript accepts genuine webhooks and rejects others', () => {
    const main = `
import { readFileSync } from 'node:fs';
const [secret, file] = process.argv.slice(2);
const requests = JSON.parse(readFileSync(file, 'utf8'));
console.log(JSON.stringify(requests.map(({ headers, text }) => isGenuine(secret, headers, text))));`;
    expect(verdictsOf('sample.mjs', sampleOf('js') + main, [process.execPath])).toEqual(EXPECTED);
  });

  it.skipIf(!isThere('python3'))('the sample in Python accepts genuine webhooks and rejects others', () => {
    const main = `
import json
import sys
requests = json.load(open(sys.argv[2]))
print(json.dumps([is_genuine(sys.argv[1], each["headers"], each["text"].encode()) for each in requests]))`;
    expect(verdictsOf('sample.py', sampleOf('python') + main, ['python3'])).toEqual(EXPECTED);
  });

  it.skipIf(!isThere('java'))('the sample in Java accepts genuine webhooks and rejects others', () => {
    // Java has no JSON: the requests are in its source.
    const calls = REQUESTS.map(([headers, text]) =>
      [secret, headers['webhook-id'], headers['webhook-timestamp'], headers['webhook-signature'], text]
        .map((each) => JSON.stringify(each ?? null))
        .join(', '),
    );
    const [imports = '', type = ''] = sampleOf('java').split(/(?=final class)/);
    const main = `
class Main {
    public static void main(String[] args) throws Exception {
        System.out.println("[" + ${calls.map((call) => `Webhooks.isGenuine(${call})`).join(' + "," + ')} + "]");
    }
}`;
    // The first class of a file is the one that is run.
    expect(verdictsOf('Main.java', `${imports}${main}\n${type}`, ['java'])).toEqual(EXPECTED);
  });
});
