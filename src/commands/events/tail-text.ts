import type { TailMessage } from '../../platform/events/wire-tap.ts';
import { shortened } from '../printable.ts';

const VALUE_CHARS = 60;

/** 10:00:01.120  coupon.issued  couponId=1 policyId=2 … */
export function tailLine(message: TailMessage): string {
  if (message.kind === 'left out') return `… ${message.events} more than can be shown in a second\n`;
  const { topic, event } = message.delivery;
  const fields = Object.entries(event.data).map(([name, value]) => `${name}=${fieldText(value)}`);
  const data = message.kind === 'long' ? 'too long to be shown' : fields.join(' ');
  return `${event.timestamp.slice(11, 23)}  ${topic.padEnd(24)}  ${data}\n`;
}

/** The event as it is stored on its topic, with the topic. */
export function tailJson(message: TailMessage): string {
  if (message.kind === 'left out') return `${JSON.stringify({ leftOut: message.events })}\n`;
  const { topic, key, event } = message.delivery;
  return `${JSON.stringify({ topic, key, ...event, ...(message.kind === 'long' ? { leftOut: 'data' } : {}) })}\n`;
}

function fieldText(value: unknown): string {
  const text = shortened(typeof value === 'string' ? value : JSON.stringify(value), VALUE_CHARS);
  return /\s/.test(text) ? JSON.stringify(text) : text;
}
