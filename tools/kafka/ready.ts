import { Admin } from '@platformatic/kafka';

/** How long a broker may take until it serves. */
export const READY_MS = 60_000;
const CALL_MS = 2_000;

/** Returns whether a broker returns metadata that contains it. */
export async function isBrokerReady(address: string): Promise<boolean> {
  const admin = new Admin({
    clientId: 'stampede-ready',
    bootstrapBrokers: [address],
    retries: 0,
    connectTimeout: CALL_MS,
    requestTimeout: CALL_MS,
  });
  try {
    const { brokers } = await admin.metadata({ forceUpdate: true });
    return [...brokers.values()].some(({ host, port }) => `${host}:${port}` === address);
  } catch {
    return false;
  } finally {
    await admin.close();
  }
}
