import type { InboxFeed, InboxListener } from '../../contexts/notification/api.ts';
import { inboxChangeContract } from '../../contexts/notification/module.ts';
import { type MessageStream, pathOf, type StreamContract } from '../../platform/grpc/contract.ts';
import type { ServedStream } from '../../platform/grpc/serve.ts';
import type { OpenStream } from './open-stream.ts';

/** A lost stream is opened again after this time, to any instance. */
const RETRY_MS = 1_000;
/** A gateway that reads so slowly that this many messages wait gets a new stream instead. */
const WAITING_MAX = 256;

const definition = await inboxChangeContract();
const WATCH: StreamContract = definition.methods.watch;
const PATH = pathOf(definition, WATCH);
/** The name of its service, by which access is decided. */
export const INBOX_CHANGE_SERVICE: string = definition.fullName;

/** Serves the changes of inboxes to gateways. */
export const servedInboxChanges = (changes: InboxFeed): ServedStream => ({
  path: PATH,
  contract: WATCH,
  handle(stream: MessageStream) {
    const unsubscribe = changes.subscribe((userIds) => {
      if (stream.writableLength > WAITING_MAX) end();
      else if (!stream.writableEnded) stream.write({ userIds });
    });
    const end = (): void => {
      unsubscribe();
      if (!stream.writableEnded) stream.end();
    };
    stream.on('data', () => {});
    for (const over of ['end', 'close', 'error', 'cancelled']) stream.on(over, end);
  },
});

/** The changes as an instance of the notification context reports them. One stream serves all listeners, while there are any. */
export function remoteInboxChanges(open: OpenStream): InboxFeed & { stop(): void } {
  const listeners = new Set<InboxListener>();
  let current: MessageStream | undefined;
  let retry: NodeJS.Timeout | undefined;

  function connect(): void {
    retry = undefined;
    const stream = open(PATH, WATCH);
    current = stream;
    // The first message says that nothing is missed from then on, and so may have been before.
    stream?.on('data', (message) => {
      const { userIds } = message as { readonly userIds: readonly bigint[] };
      if (current === stream) for (const listener of listeners) listener(userIds);
    });
    for (const over of ['error', 'end', 'close']) stream?.on(over, () => leave(stream));
    stream?.write({});
    if (stream === undefined) leave(stream);
  }

  function leave(stream: MessageStream | undefined): void {
    if (current !== stream) return;
    current = undefined;
    if (listeners.size > 0) retry ??= setTimeout(connect, RETRY_MS).unref();
  }

  function stop(): void {
    clearTimeout(retry);
    retry = undefined;
    const stream = current;
    current = undefined;
    stream?.end();
  }

  return {
    subscribe(listener) {
      listeners.add(listener);
      if (listeners.size === 1) connect();
      else listener([]);
      return () => {
        if (listeners.delete(listener) && listeners.size === 0) stop();
      };
    },
    stop() {
      listeners.clear();
      stop();
    },
  };
}
