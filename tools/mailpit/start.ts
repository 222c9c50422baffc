import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../src/platform/postgres/embedded/free-port.ts';
import { mailpitBinary } from './binary.ts';

const READY_MS = 30_000;
const KEPT = 20_000;

/**
 * Runs a command beside a shell that waits for the end of its own input and then ends it: however the caller ends, the command ends too, and removes
 * its temporary database.
 */
const GUARD = 'exec 3<&0; "$@" </dev/null >/dev/null 2>&1 3<&- & cat <&3 >/dev/null; kill $!; wait $! 2>/dev/null';

/** A mail as it arrived. */
export interface ReceivedMail {
  readonly subject: string;
  readonly from: { readonly name: string; readonly address: string };
  readonly text: string;
  readonly html: string;
  readonly headers: Readonly<Record<string, readonly string[]>>;
}

/** What the server does with the next mails. */
export type Behaviour = 'accept' | 'defer' | 'reject';

/** A mail server that keeps what it receives. */
export interface Mailpit {
  readonly smtpPort: number;
  /** The page that shows what it received. */
  readonly pageUrl: string;
  /** The mails to an address, the oldest first. */
  mailsTo(address: string): Promise<readonly ReceivedMail[]>;
  /** The same, once there are `count` of them; the test's timeout ends it otherwise. */
  waitForMails(address: string, count: number): Promise<readonly ReceivedMail[]>;
  /** How many mails it has received. */
  count(): Promise<number>;
  /** The Message-ID of each, without brackets. */
  messageIds(): Promise<readonly string[]>;
  behave(behaviour: Behaviour): Promise<void>;
  /** Ends the process, and with it what it received. */
  kill(): Promise<void>;
  /** Starts it again on the same ports. */
  restart(): Promise<void>;
}

/** Starts mailpit on free ports of 127.0.0.1. @throws NoMailpit */
export async function startMailpit(): Promise<Mailpit> {
  const binary = await mailpitBinary();
  const [httpPort, smtpPort] = [await freePort(), await freePort()];
  const base = `http://127.0.0.1:${httpPort}/api/v1`;
  let guard: ChildProcess | undefined;

  async function start(): Promise<void> {
    const options = ['--listen', `127.0.0.1:${httpPort}`, '--smtp', `127.0.0.1:${smtpPort}`, '--disable-version-check'];
    // The whole life of a test is less than what it keeps. Chaos is the name of its way to refuse mail.
    const command = [binary, ...options, '--enable-chaos', '--max', String(KEPT)];
    guard = spawn('sh', ['-c', GUARD, 'mailpit', ...command], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
    for (const until = performance.now() + READY_MS; ; await sleep(50)) {
      const response = await fetch(`${base}/info`).catch(() => undefined);
      if (response?.ok) return;
      if (performance.now() > until) throw new Error(`mailpit did not respond within ${READY_MS / 1000} s`);
    }
  }

  async function kill(): Promise<void> {
    if (guard === undefined || guard.exitCode !== null) return;
    const ended = once(guard, 'exit');
    guard.stdin?.end();
    await ended;
  }

  async function read(path: string): Promise<Json> {
    const response = await fetch(`${base}/${path}`);
    if (!response.ok) throw new Error(`mailpit responded ${response.status} to ${path}`);
    return await response.json();
  }

  async function mailsTo(address: string): Promise<readonly ReceivedMail[]> {
    const found = await read(`search?limit=100&query=${encodeURIComponent(`to:"${address}"`)}`);
    const ids: readonly string[] = found.messages.map(({ ID }: Json) => ID).reverse();
    return await Promise.all(
      ids.map(async (id) => {
        const [mail, headers] = [await read(`message/${id}`), await read(`message/${id}/headers`)];
        const from = { name: mail.From.Name, address: mail.From.Address };
        return { subject: mail.Subject, from, text: mail.Text.replaceAll('\r\n', '\n'), html: mail.HTML, headers };
      }),
    );
  }

  await start();
  return {
    smtpPort,
    pageUrl: `http://127.0.0.1:${httpPort}`,
    mailsTo,
    async waitForMails(address, count) {
      for (;;) {
        const mails = await mailsTo(address);
        if (mails.length >= count) return mails;
        await sleep(50);
      }
    },
    count: async () => (await read('messages?limit=1')).total,
    async messageIds() {
      const { messages } = await read(`messages?limit=${KEPT}`);
      return messages.map(({ MessageID }: Json) => MessageID);
    },
    async behave(behaviour) {
      const never = { ErrorCode: 451, Probability: 0 };
      const always = { ErrorCode: behaviour === 'reject' ? 550 : 451, Probability: 100 };
      const Recipient = behaviour === 'accept' ? never : always;
      const body = JSON.stringify({ Authentication: never, Recipient, Sender: never });
      const headers = { 'content-type': 'application/json' };
      const response = await fetch(`${base}/chaos`, { method: 'PUT', headers, body });
      if (!response.ok) throw new Error(`mailpit responded ${response.status}: ${await response.text()}`);
    },
    kill,
    restart: start,
  };
}

// biome-ignore lint/suspicious/noExplicitAny: the responses of mailpit
type Json = any;
