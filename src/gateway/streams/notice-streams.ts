import type { FastifyReply } from 'fastify';
import type { InboxFeed, Notice, NotificationService } from '../../contexts/notification/api.ts';
import { eventFrame } from './event-frame.ts';
import type { EventStream } from './event-stream.ts';
import type { OpenStreams } from './open-streams.ts';

/** Inboxes in one read, and notices of each: a slow client has at most so many in memory. */
const POSITIONS_MAX = 500;
const NOTICES_MAX = 50;
/** Every open inbox is read this often, because a process that was killed right after a commit has signalled nothing. */
const READ_ALL_MS = 15_000;
/** Whether callers may still read is checked this often: a locked user is out within a second. */
const CHECK_MS = 500;
const RETRY_MS = 1_000;

/** Who reads a stream. */
export interface StreamReader {
  readonly userId: bigint;
  /** The language of the request. */
  readonly language: string;
  /** The number of the last notice that the client has. Undefined: it wants those that are written from now on. */
  readonly after: bigint | undefined;
  /** May the caller still read? Called twice a second. */
  mayRead(): boolean | Promise<boolean>;
}

/** Streams of the inboxes of users. */
export interface NoticeStreams {
  /** Sends the headers, the count of unread notices, and from then on every notice after the reader's last one, in order and once. */
  watch(reader: StreamReader, reply: FastifyReply): void;
  /** How many are open. */
  count(): number;
  stop(): void;
}

export interface NoticeStreamsDeps {
  readonly open: Pick<OpenStreams, 'open' | 'run'>;
  readonly notification: Pick<NotificationService, 'readAfter'>;
  readonly changes: InboxFeed;
  readonly toJson: (notice: Notice) => object;
  readonly onError: (error: unknown) => void;
}

interface Watcher extends StreamReader {
  readonly stream: EventStream;
  /** The number of the last notice that was read for the client. What it gets is decided by this alone: nothing twice, and no gap. */
  position: bigint | undefined;
  unread: number | undefined;
  /** Is it to be read again when the client has taken what it was sent? */
  isWaiting: boolean;
}

export function noticeStreams({ open, notification, changes, toJson, onError }: NoticeStreamsDeps): NoticeStreams {
  const watchers = new Map<bigint, Set<Watcher>>();
  /** Whose inbox may have news. */
  const due = new Set<Watcher>();
  let count = 0;
  let isReading = false;
  let stopped = false;
  let unsubscribe: (() => void) | undefined;

  function onChanged(userIds: readonly bigint[]): void {
    const changed = userIds.length === 0 ? [...watchers.values()] : userIds.map((id) => watchers.get(id) ?? []);
    for (const ofUser of changed) for (const watcher of ofUser) due.add(watcher);
    void readDue();
  }

  async function readDue(): Promise<void> {
    if (isReading) return;
    isReading = true;
    // What was read is sent while the next ones are read, and all of it before those are sent: the order of a stream's notices.
    let sent: Promise<void> = Promise.resolve();
    try {
      while (due.size > 0 && !stopped) {
        const batch = takeDue();
        const news = await read(batch);
        await sent;
        sent = send(batch, news);
      }
      await sent;
    } finally {
      isReading = false;
    }
  }

  function takeDue(): Watcher[] {
    const batch: Watcher[] = [];
    for (const watcher of due) {
      due.delete(watcher);
      if (watcher.stream.isClosed) continue;
      if (watcher.stream.isFull) waitForRoom(watcher);
      else if (batch.push(watcher) === POSITIONS_MAX) break;
    }
    return batch;
  }

  /** Once, however many changes there are meanwhile. */
  function waitForRoom(watcher: Watcher): void {
    if (watcher.isWaiting) return;
    watcher.isWaiting = true;
    watcher.stream.onceDrained(() => {
      watcher.isWaiting = false;
      makeDue(watcher);
    });
  }

  function makeDue(watcher: Watcher): void {
    due.add(watcher);
    void readDue();
  }

  async function read(batch: readonly Watcher[]) {
    const positions = batch.map(({ userId, position, language }) => ({ userId, number: position, language }));
    try {
      return (await notification.readAfter({ positions, limit: NOTICES_MAX })).inboxes;
    } catch (error) {
      onError(error);
      for (const watcher of batch) due.add(watcher);
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      return [];
    }
  }

  type News = Awaited<ReturnType<typeof read>>;

  function send(batch: readonly Watcher[], news: News): Promise<void> {
    const frames = batch.map((watcher, index) => advance(watcher, news[index]));
    return new Promise((resolve) => {
      open.run(
        (function* () {
          for (const [index, { stream }] of batch.entries()) {
            const frame = frames[index]?.();
            if (frame === undefined) continue;
            stream.send(frame);
            yield;
          }
          resolve();
        })(),
      );
    });
  }

  /** Moves the position of a watcher behind its news. Returns what encodes them; undefined when there are none. */
  function advance(watcher: Watcher, inbox: News[number] | undefined): (() => Buffer) | undefined {
    if (inbox === undefined) return undefined;
    const { notices, unread, lastNumber } = inbox;
    const isFirst = watcher.unread === undefined;
    const hasChanged = watcher.unread !== unread;
    watcher.unread = unread;
    // A number that this inbox has not reached yet is not of it, as after a restore: it would hold notices back.
    if (watcher.position === undefined || watcher.position > lastNumber) watcher.position = lastNumber;
    watcher.position = notices.at(-1)?.number ?? watcher.position;
    const { position } = watcher;
    if (position < lastNumber && notices.length > 0) due.add(watcher);
    if (notices.length === 0 && !hasChanged) return undefined;
    return () =>
      Buffer.concat([
        ...notices.map((notice) => eventFrame('notice', toJson(notice), notice.number)),
        // With an id at the start, so that a client that loses its connection before the first notice misses none.
        ...(hasChanged ? [eventFrame('unread', { unreadCount: unread }, isFirst ? position : undefined)] : []),
      ]);
  }

  function* checkAll(): Generator {
    for (const ofUser of watchers.values()) {
      for (const watcher of ofUser) {
        const mayRead = watcher.mayRead();
        if (mayRead === false) watcher.stream.end();
        else if (mayRead !== true) {
          void mayRead.then(
            (may) => may || watcher.stream.end(),
            (error) => onError(error),
          );
        }
        yield;
      }
    }
  }
  const checks = setInterval(() => open.run(checkAll()), CHECK_MS).unref();
  const readAll = setInterval(() => onChanged([]), READ_ALL_MS).unref();

  function leave(watcher: Watcher): void {
    count -= 1;
    due.delete(watcher);
    const ofUser = watchers.get(watcher.userId);
    ofUser?.delete(watcher);
    if (ofUser?.size === 0) watchers.delete(watcher.userId);
    if (watchers.size > 0) return;
    unsubscribe?.();
    unsubscribe = undefined;
  }

  return {
    watch(reader, reply) {
      const stream = open.open(reply);
      if (stream === undefined || stopped) return;
      const watcher: Watcher = { ...reader, stream, position: reader.after, unread: undefined, isWaiting: false };
      const ofUser = watchers.get(reader.userId) ?? new Set();
      watchers.set(reader.userId, ofUser.add(watcher));
      count += 1;
      stream.onceClosed(() => leave(watcher));
      // Before the first read, so that nothing is written between the two unnoticed.
      unsubscribe ??= changes.subscribe(onChanged);
      makeDue(watcher);
    },
    count: () => count,
    stop() {
      stopped = true;
      clearInterval(checks);
      clearInterval(readAll);
      unsubscribe?.();
    },
  };
}
