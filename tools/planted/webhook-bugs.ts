import type { PlantedBug } from './bugs.ts';

const CONTEXT = 'src/contexts/webhook';
const QUEUE = `${CONTEXT}/adapters/postgres/delivery-queue.ts`;
const SERVE = `${CONTEXT}/application/deliver/serve-endpoint.ts`;
const DELIVERIES = [`${CONTEXT}/test/deliveries.int.test.ts`];
const GUARD = [`${CONTEXT}/test/guard.int.test.ts`];
const KILLS = ['test/faults/webhook-kills.int.test.ts'];

/** Events as requests to endpoints. */
export const WEBHOOK_BUGS: readonly PlantedBug[] = [
  {
    name: 'webhook: an event that comes again is sent again',
    file: `${CONTEXT}/adapters/postgres/delivery-intake.ts`,
    within: 'postgresDeliveryIntake',
    search: 'const fresh = await handleOnce(client, CONSUMER, events);',
    replace:
      'const fresh = (await handleOnce(client, CONSUMER, events), events).map((each) => ({ ...each, event: { ...each.event, eventId: each.event.eventId + Math.random() } }));',
    tests: DELIVERIES,
    only: 'an event that is delivered to the consumer twice',
  },
  {
    name: 'webhook: later deliveries of a subject do not wait for the failed one',
    file: QUEUE,
    within: 'DUE',
    search: 'and (o.due_at > $2 or o.id <= $3)',
    replace: 'and false',
    tests: DELIVERIES,
    only: 'a failed delivery keeps back later ones',
  },
  {
    name: 'webhook: those that follow a failed delivery in memory are sent',
    file: SERVE,
    within: 'serveEndpoint',
    search: 'heldBack.push(delivery, ...waiting.fail(delivery));',
    replace: 'waiting.succeed(delivery);',
    tests: DELIVERIES,
    only: 'a failed delivery keeps back later ones',
  },
  {
    name: 'webhook: what comes after a failure that is not recorded is sent',
    file: SERVE,
    within: 'serveEndpoint',
    search: 'found.filter(({ subject }) => !failedSubjects.has(subject))',
    replace: 'found',
    tests: KILLS,
  },
  {
    name: 'webhook: a failing endpoint gets everything that is due',
    file: `${CONTEXT}/domain/health.ts`,
    within: 'healthAfterFailure',
    search: 'isProbed({ failures }) ? [',
    replace: 'failures < 0 ? [',
    tests: DELIVERIES,
    only: 'after five failures in a row',
  },
  {
    name: 'webhook: what waits is not due when the endpoint responds again',
    file: SERVE,
    within: 'serveEndpoint',
    search: 'isRecovered: isProbed(recordedHealth) && health.failures === 0',
    replace: 'isRecovered: false',
    tests: DELIVERIES,
    only: 'after five failures in a row',
  },
  {
    name: 'webhook: 410 is a failure like another',
    file: `${CONTEXT}/domain/attempt.ts`,
    within: 'attemptOf',
    search: "if (status === GONE) return { kind: 'GONE', status };",
    replace: '',
    tests: DELIVERIES,
    only: '410 disables',
  },
  {
    name: 'webhook: the previous secret does not sign',
    file: QUEUE,
    within: 'leasedOf',
    search: 'previousSecret === null ? [secret] : [secret, previousSecret]',
    replace: '[secret]',
    tests: DELIVERIES,
    only: 'both secrets sign',
  },
  {
    name: 'webhook: the previous secret stays encrypted with the old encryption secret',
    file: `${CONTEXT}/adapters/postgres/endpoint-store.ts`,
    within: 'postgresEndpointStore',
    search: '[id, secret, previous]',
    replace: '[id, secret, row.previousSecret]',
    tests: DELIVERIES,
    only: 'are encrypted with the new secret',
  },
  {
    name: 'webhook: the address of a user who left is kept',
    file: `${CONTEXT}/adapters/postgres/delivery-intake.ts`,
    within: 'postgresDeliveryIntake',
    search: 'await client.query(ERASE, [gone, at]);',
    replace: '',
    tests: DELIVERIES,
    only: 'personal data of a deleted user',
  },
  {
    name: 'webhook: the address of a user who left is stored when it comes later',
    file: `${CONTEXT}/adapters/postgres/delivery-intake.ts`,
    within: 'ADD',
    search: 'where not (',
    replace: 'where true or not (',
    tests: DELIVERIES,
    only: 'personal data of a deleted user',
  },
  {
    name: 'webhook: a name that leads to this machine is connected to',
    file: 'src/platform/http/allowed-hosts.ts',
    within: 'readAllowedHosts',
    search: 'isPublicAddress(address) || names.has(host.toLowerCase())',
    replace: "isPublicAddress(address) || host === 'localhost' || names.has(host.toLowerCase())",
    tests: GUARD,
    only: 'a name that leads to this machine',
  },
  {
    name: 'webhook: what a killed process sent is taken for recorded',
    file: QUEUE,
    within: 'ACQUIRE',
    search: 'e.lease_until is null or e.lease_until <= $1',
    replace: 'e.lease_until is null',
    tests: KILLS,
  },
];
