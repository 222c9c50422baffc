import { expect, test } from 'vitest';
import { clientOptions, firstBroker, type KafkaSettings, passBy } from './settings.ts';

const settingsOf = (...brokers: string[]): KafkaSettings => ({ brokers, partitions: 1, prefix: '' });

test('a client that follows a failed one begins with the next broker, and has all of them', () => {
  const settings = settingsOf('a:1', 'b:1', 'c:1');
  passBy(settings, firstBroker(settings));
  expect(clientOptions(settings).bootstrapBrokers).toEqual(['b:1', 'c:1', 'a:1']);
});

test('several clients that failed with the same first broker pass it by once', () => {
  const settings = settingsOf('a:1', 'b:1', 'c:1');
  const first = firstBroker(settings);
  for (const _ of ['publisher', 'consumer', 'admin']) passBy(settings, first);
  expect(firstBroker(settings)).toBe('b:1');
});
