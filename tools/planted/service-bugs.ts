import type { PlantedBug } from './bugs.ts';

const GRPC = 'src/platform/grpc';
const CALLS_TEST = ['test/grpc/calls.int.test.ts'];
const TOKENS_TEST = [`${GRPC}/service-tokens.test.ts`];
const TARGETS_TEST = ['src/app/targets.test.ts'];

/** Calls between services, and what a process with some of the contexts needs. */
export const SERVICE_BUGS: readonly PlantedBug[] = [
  {
    name: 'service: a call without a token is served',
    file: `${GRPC}/serve.ts`,
    within: 'handlerOf',
    search: 'if (denial !== undefined) {',
    replace: 'if (denial === null) {',
    tests: CALLS_TEST,
    only: 'docs/attacks.md 37: a call without a token',
  },
  {
    name: 'service: an error shows its message to the caller',
    file: `${GRPC}/failures.ts`,
    within: 'toStatus',
    search: "details: 'unforeseen', metadata",
    replace: 'details: String(error), metadata',
    tests: CALLS_TEST,
    only: 'an error that nobody foresaw shows nothing of itself',
  },
  {
    name: 'service: a call without a response in time is an error and not unknown',
    file: `${GRPC}/failures.ts`,
    within: 'toError',
    search: 'isLost(error) || error.code === status.DEADLINE_EXCEEDED',
    replace: 'isLost(error)',
    tests: CALLS_TEST,
    only: 'a call that is not answered before its deadline is unknown',
  },
  {
    name: 'service: a token is valid for every service',
    file: `${GRPC}/service-tokens.ts`,
    within: 'serviceTokens',
    search: 'named === to && ',
    replace: '',
    tests: TOKENS_TEST,
    only: 'a token names its caller to the service that it is for',
  },
  {
    name: 'service: a token is valid for ever',
    file: `${GRPC}/service-tokens.ts`,
    within: 'serviceTokens',
    search: ' && Math.abs(clock() - Number(at)) < LIFE_MS',
    replace: '',
    tests: TOKENS_TEST,
    only: 'a token names its caller to the service that it is for',
  },
  {
    name: 'service: a call within a request takes the time of its own',
    file: `${GRPC}/deadlines.ts`,
    within: 'deadlineFrom',
    search: 'Math.min(own, outer - HOP_MS)',
    replace: 'own',
    tests: [`${GRPC}/deadlines.test.ts`],
    only: 'a call within a request ends before the request',
  },
  {
    name: 'service: every service may call everything',
    file: 'src/app/remote/service-calls.ts',
    within: 'mayCall',
    search: "if (caller === 'gateway') return true;",
    replace: 'if (caller) return true;',
    tests: ['src/app/remote/service-calls.test.ts'],
    only: 'docs/attacks.md 37: a service may call what it needs',
  },
  {
    name: 'service: contexts of another machine are called without encryption',
    file: 'src/app/targets.ts',
    within: 'partialProblems',
    search: '!isEncrypted && !isLoopback(address)',
    replace: 'false',
    tests: TARGETS_TEST,
    only: 'is refused an address on another machine',
  },
  {
    name: 'service: a process without Kafka hosts a part',
    file: 'src/app/targets.ts',
    within: 'partialProblems',
    search: 'settings.kafka === undefined',
    replace: 'false',
    tests: TARGETS_TEST,
    only: 'is refused without',
  },
  {
    name: 'service: a certificate makes calls of any service',
    file: 'src/app/remote/service-server.ts',
    within: 'serveContexts',
    search: '!certified.includes(caller)',
    replace: 'certified.length === 0',
    tests: ['test/grpc/mutual-tls.int.test.ts'],
    only: 'a certificate of one service does not make calls of another',
  },
  {
    name: 'service: a client needs no certificate',
    file: 'src/app/remote/credentials.ts',
    within: 'grpcCredentials',
    search: 'cert_chain: cert }], true)',
    replace: 'cert_chain: cert }], false)',
    tests: ['test/grpc/mutual-tls.int.test.ts'],
    only: 'a certificate of another authority, or none',
  },
];
