import type { Shown } from '../../platform/events/tap.ts';
import { shortened } from '../printable.ts';

const VALUE_CHARS = 60;

/** 10:00:01.120  coupon.issued  couponId=1 policyId=2 … */
export function shownLine(shown: Shown): string {
  if (shown.kind === 'left out') return `… ${shown.events} more than can be shown in a second\n`;
  const { topic, event } = shown.delivery;
  const fields = Object.entries(event.data).map(([name, value]) => `${name}=${shownValue(value)}`);
  const data = shown.kind === 'long' ? 'too long to be shown' : fields.join(' ');
  return `${event.timestamp.slice(11, 23)}  ${topic.padEnd(24)}  ${data}\n`;
}

/** The event as it stands on its topic, with the topic. */
export function shownJson(shown: Shown): string {
  if (shown.kind === 'left out') return `${JSON.stringify({ leftOut: shown.events })}\n`;
  const { topic, key, event } = shown.delivery;
  return `${JSON.stringify({ topic, key, ...event, ...(shown.kind === 'long' ? { leftOut: 'data' } : {}) })}\n`;
}

function shownValue(value: unknown): string {
  const text = shortened(typeof value === 'string' ? value : JSON.stringify(value), VALUE_CHARS);
  return /\s/.test(text) ? JSON.stringify(text) : text;
}
