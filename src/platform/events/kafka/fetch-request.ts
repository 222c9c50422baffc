import { type Consumer, createAPI, FetchIsolationLevels, fetchV12 } from '@platformatic/kafka';
import type { OwnedPartition } from './assignment.ts';
import { type FetchResponse, parseFetchResponse } from './fetch-response.ts';

/** The broker responds as soon as there is something, or after this. */
const WAIT_MS = 1_000;
const ANSWER_BYTES_MAX = 4 * 1024 * 1024;
const PARTITION_BYTES_MAX = 1024 * 1024;
const ANY_BYTES = 1;
/** No leader epoch is checked: a wrong leader returns an error. */
const ANY_EPOCH = -1;
/** Every request states all its partitions (KIP-227). */
const NO_SESSION = 0;
const NO_SESSION_EPOCH = -1;
const NO_RACK = '';

/** With a parser of our own, which limits what a batch may inflate to. */
const FETCH = createAPI<Parameters<typeof fetchV12.createRequest>, FetchResponse>(
  fetchV12.api.key,
  fetchV12.api.version,
  fetchV12.createRequest,
  parseFetchResponse,
);

/**
 * Sends one Fetch request to a broker and returns its response: records up to the last stable offset, with those of
 * aborted transactions and the list of these. `read-committed.ts` leaves them out. `Consumer.fetch` would not do: it removes
 * everything between a producer's last listed transaction and its last abort marker in the response, so committed
 * records, too, when a later transaction without records was aborted.
 *
 * Version 12 is the last one that names topics. Brokers know it from Kafka 2.7 on, 4.x included.
 * @throws ResponseError of the client with the error of each partition, NetworkError when the broker is away
 */
export async function fetchFrom(
  client: Consumer,
  broker: { readonly host: string; readonly port: number },
  wanted: readonly OwnedPartition[],
): Promise<FetchResponse> {
  const topics = [...Map.groupBy(wanted, ({ topic }) => topic)].map(([topicId, partitions]) => ({
    topicId,
    partitions: partitions.map(({ partition, fetchFrom: fetchOffset }) => ({
      partition,
      fetchOffset,
      partitionMaxBytes: PARTITION_BYTES_MAX,
      currentLeaderEpoch: ANY_EPOCH,
      lastFetchedEpoch: ANY_EPOCH,
    })),
  }));
  return await FETCH.async(
    await client.connections.get(broker),
    WAIT_MS,
    ANY_BYTES,
    ANSWER_BYTES_MAX,
    FetchIsolationLevels.READ_COMMITTED,
    NO_SESSION,
    NO_SESSION_EPOCH,
    topics,
    [],
    NO_RACK,
  );
}
