/** A node that does nothing but relay, as a process of its own, so that a test can freeze or kill it. Argument: the URL. */
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { inProcessBus } from '../../src/platform/events/bus-in-process.ts';
import { createRelay } from '../../src/platform/events/relay.ts';

const metrics = new Registry();
const log = pino({ level: 'silent' });
const deadLetters = { put: () => Promise.resolve() };
const check = { outgoing: () => undefined };
const bus = inProcessBus({ deadLetters, metrics, log });
createRelay({ url: process.argv[2] ?? '', bus, check, deadLetters, metrics, log }).start();
