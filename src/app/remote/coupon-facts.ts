import type { WatchRequest, WatchResponse } from '../../contexts/coupon/api.ts';
import { type FactFeed, factContract, type KnownRefusals } from '../../contexts/coupon/module.ts';
import { type MessageStream, pathOf, type StreamContract } from '../../platform/grpc/contract.ts';
import type { ServedStream } from '../../platform/grpc/serve.ts';
import type { OpenStream } from './open-stream.ts';

/** The gateway asks for facts this often, while coupons are requested. */
const TICK_MS = 200;
/** A gateway that reads so slowly that this many messages wait gets a new stream instead. */
const WAITING_MAX = 256;

const definition = await factContract();
const WATCH: StreamContract = definition.methods.watch;
const PATH = pathOf(definition, WATCH);
/** The name of its service, by which access is decided. */
export const FACT_SERVICE: string = definition.fullName;

/** Serves the facts of the coupon context of this process to gateways. */
export const servedFacts = (feed: FactFeed): ServedStream => ({
  path: PATH,
  contract: WATCH,
  handle(stream: MessageStream) {
    const subscription = feed.subscribe(
      (message: WatchResponse) => {
        if (stream.writableLength > WAITING_MAX) end();
        else if (!stream.writableEnded) stream.write(message);
      },
      () => end(),
    );
    const end = (): void => {
      subscription.close();
      if (!stream.writableEnded) stream.end();
    };
    stream.on('data', (request) => subscription.tick(request as WatchRequest));
    for (const over of ['end', 'close', 'error', 'cancelled']) stream.on(over, end);
  },
});

/** Keeps what the gateway knows up to date. A lost stream is opened again with the next tick, to any instance. Returns how to stop. */
export function watchFacts(facts: KnownRefusals, open: OpenStream): () => void {
  let current: MessageStream | undefined;

  function leave(stream: MessageStream): void {
    if (current !== stream) return;
    current = undefined;
    facts.reset();
  }

  function openNew(): MessageStream | undefined {
    const stream = open(PATH, WATCH);
    stream?.on('data', (response) => {
      // Of a former stream: the holders that it named are forgotten.
      if (current === stream) facts.apply(response as WatchResponse);
    });
    for (const over of ['error', 'end', 'close']) stream?.on(over, () => leave(stream));
    return stream;
  }

  const timer = setInterval(() => {
    const message = facts.tick();
    if (message === undefined) return;
    current ??= openNew();
    current?.write(message);
  }, TICK_MS).unref();
  return () => {
    clearInterval(timer);
    current?.end();
    current = undefined;
  };
}
