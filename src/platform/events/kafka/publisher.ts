import { compatibilityPartitioner, ProduceAcks, Producer } from '@platformatic/kafka';
import type { Logger } from 'pino';
import { Unavailable } from '../../kernel/refusal.ts';
import { callWithTimeout } from './call-with-timeout.ts';
import { clientOptions, firstBroker, guarded, type KafkaSettings, passBy } from './settings.ts';
import type { Topics } from './topics.ts';

/** A request's messages may all go to one partition, and a broker refuses more than 1 MB for one by default. */
const REQUEST_BYTES_MAX = 800_000;
const REQUEST_MESSAGES_MAX = 5_000;
/** The bytes of a record besides key and value: offsets, lengths, headers. */
const RECORD_BYTES = 150;
/** For this long the producer retries by itself, which prevents a second copy of a message. */
const SEND_MS = 10_000;
const RETRIES = 8;
const RETRY_EVERY_MS = 250;
const CLOSE_MS = 2_000;

export interface OutgoingMessage {
  /** The name on the cluster. */
  readonly topic: string;
  readonly key: Buffer | undefined;
  readonly value: Buffer | undefined;
  readonly headers: ReadonlyMap<Buffer, Buffer>;
}

export interface Publisher {
  /**
   * Resolves when all replicas in sync have them. Calls keep their order per key. When one fails, so does everything that
   * was called before that is known: what is published again does not come behind its successors.
   */
  publish(messages: readonly OutgoingMessage[]): Promise<void>;
  /** Waits for the request under way; what waits behind it is rejected. */
  stop(): Promise<void>;
}

interface Call {
  left: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}
interface Waiting {
  readonly message: OutgoingMessage;
  readonly call: Call;
}

/** One request at a time, with all that has come in meanwhile: order needs no numbering that a retry could break. */
export function kafkaPublisher(settings: KafkaSettings, topics: Topics, log: Logger): Publisher {
  let queue: Waiting[] = [];
  let working: Promise<void> | undefined;
  let producer: Producer | undefined;
  let stopping = false;

  async function work(): Promise<void> {
    while (queue.length > 0 && !stopping) {
      const request = nextRequest(queue);
      queue = queue.slice(request.length);
      const first = firstBroker(settings);
      try {
        await callWithTimeout(SEND_MS, 'publishing', send(request.map(({ message }) => message)));
        for (const { call } of request) if (--call.left === 0) call.resolve();
      } catch (error) {
        discard();
        passBy(settings, first);
        topics.forget();
        rejectAll([...request, ...queue], error);
        queue = [];
      }
    }
    working = undefined;
  }

  async function send(messages: readonly OutgoingMessage[]): Promise<void> {
    await topics.ensure([...new Set(messages.map(({ topic }) => topic))]);
    producer ??= openProducer(settings);
    await producer.send({ messages: messages.map(toProduce) });
  }

  /** After a failure the broker's sequence number of this producer is unknown. */
  function discard(): void {
    const old = producer;
    producer = undefined;
    if (old === undefined) return;
    callWithTimeout(CLOSE_MS, 'closing', old.close(true)).catch((error) =>
      log.debug({ err: error }, 'a producer did not close'),
    );
  }

  return {
    publish(messages) {
      if (stopping) return Promise.reject(stopped());
      if (messages.length === 0) return Promise.resolve();
      return new Promise<void>((resolve, reject) => {
        const call: Call = { left: messages.length, resolve, reject };
        for (const message of messages) queue.push({ message, call });
        working ??= work();
      });
    },
    async stop() {
      stopping = true;
      await working;
      rejectAll(queue, stopped());
      queue = [];
      discard();
    },
  };
}

const openProducer = (settings: KafkaSettings): Producer =>
  guarded(
    new Producer({
      ...clientOptions(settings),
      idempotent: true,
      acks: ProduceAcks.ALL,
      retries: RETRIES,
      retryDelay: RETRY_EVERY_MS,
      // The partitioner of the Java clients, so that a key has the same partition for every producer.
      partitioner: compatibilityPartitioner,
    }),
  );

function nextRequest(queue: readonly Waiting[]): readonly Waiting[] {
  let bytes = 0;
  let count = 0;
  for (const { message } of queue) {
    bytes += RECORD_BYTES + (message.key?.length ?? 0) + (message.value?.length ?? 0);
    if (count > 0 && (bytes > REQUEST_BYTES_MAX || count === REQUEST_MESSAGES_MAX)) break;
    count += 1;
  }
  return queue.slice(0, count);
}

const toProduce = ({ topic, key, value, headers }: OutgoingMessage) => ({
  topic,
  headers: new Map(headers),
  ...(key === undefined ? {} : { key }),
  ...(value === undefined ? {} : { value }),
});

function rejectAll(waiting: readonly Waiting[], reason: unknown): void {
  for (const call of new Set(waiting.map((each) => each.call))) call.reject(reason);
}

const stopped = (): Error => new Unavailable('DEPENDENCY_UNAVAILABLE', 'the Kafka publisher is stopping');
