import { z } from 'zod';
import type { EventEnvelope } from './bus.ts';

const TEXT_MAX = 200;
const text = z.string().min(1).max(TEXT_MAX);

/** What stands on a topic, whoever wrote it. Fields that we do not know are let through and left out. */
const ENVELOPE = z.object({
  eventId: text,
  eventType: text,
  timestamp: z.iso.datetime({ offset: true }),
  data: z.record(z.string(), z.unknown()),
  metadata: z.object({ correlationId: text, source: text, version: text }),
});

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Throws an Error that says in one line what is wrong with it. */
export function readEnvelope(bytes: Uint8Array): EventEnvelope {
  const parsed = ENVELOPE.safeParse(JSON.parse(utf8.decode(bytes)));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new Error(`not an event: ${issue?.path.join('.') || 'the message'}: ${issue?.message}`);
}
