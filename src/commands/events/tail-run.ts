import { pino } from 'pino';
import { readSettings, type Settings } from '../../app/config.ts';
import { TOPICS } from '../../app/event-catalogue.ts';
import { readPidFile } from '../../app/local/pid-file.ts';
import { kafkaTail } from '../../platform/events/kafka/tail.ts';
import { postgresTail } from '../../platform/events/postgres-tail.ts';
import type { TailMessage } from '../../platform/events/wire-tap.ts';
import { commandLine } from '../../platform/kernel/command-line.ts';
import { StartError, UsageError } from '../../platform/kernel/start-error.ts';
import { tailJson, tailLine } from './tail-text.ts';

export interface TailOptions {
  readonly topic?: readonly string[];
  readonly json: boolean;
}

/** `stampede events tail`: from Kafka when KAFKA_BROKERS is set, else what the running server shows. */
export async function run({ topic: topics, json }: TailOptions): Promise<number> {
  const unknown = topics?.filter((name) => !(name in TOPICS)) ?? [];
  if (unknown.length > 0) {
    throw new UsageError(`There is no topic ${unknown.join(', ')}. There are ${Object.keys(TOPICS).join(', ')}.`);
  }
  const wanted = new Set(topics ?? Object.keys(TOPICS));
  const show = (message: TailMessage): void => {
    if (message.kind !== 'left out' && !wanted.has(message.delivery.topic)) return;
    process.stdout.write(json ? tailJson(message) : tailLine(message));
  };
  const settings = readSettings(process.env);
  const { kafka } = settings;
  const signal = untilEnd();
  const ready = () => process.stderr.write('Waiting for events. Ctrl-C ends it.\n');
  if (kafka === undefined) await postgresTail({ url: databaseOf(settings), show, ready, signal });
  else await kafkaTail({ settings: kafka, topics: [...wanted], show, ready, signal, log: pino({ level: 'silent' }) });
  return 0;
}

/** Aborted by Ctrl-C, or when the reader closes the pipe (`| head`). */
function untilEnd(): AbortSignal {
  const end = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(name, () => end.abort());
  process.stdout.once('error', () => end.abort());
  return end.signal;
}

function databaseOf({ databaseUrl, dataDir }: Settings): string {
  const url = databaseUrl ?? readPidFile(dataDir)?.databaseUrl;
  if (url === undefined)
    throw new StartError(`Nothing runs here. Start it in another terminal first: ${commandLine('serve')}`);
  return url;
}
