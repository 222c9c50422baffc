import type { RecordsBatch } from '@platformatic/kafka';

/** What a fetch response lists for a partition: a producer's transaction, from this offset to its next ABORT marker. */
export interface AbortedTransaction {
  readonly producerId: bigint;
  readonly firstOffset: bigint;
}

type Batch = Pick<RecordsBatch, 'attributes' | 'firstOffset' | 'lastOffsetDelta' | 'producerId'> & {
  readonly records: readonly { readonly key: Buffer | null }[];
};

const TRANSACTIONAL = 0x10;
const CONTROL = 0x20;
/** The key of a control record is (version int16, type int16). */
const TYPE_OFFSET = 2;
const ABORT = 0;

/**
 * Returns a predicate for the batches of one partition in one fetch response, called in offset order: true when the
 * batch's records are committed, or were never part of a transaction.
 *
 * Every response lists all aborted transactions that overlap it, also those that began before it or whose marker comes in
 * a later response, so nothing is remembered between responses. One producer may be listed several times. A transaction
 * that wrote nothing is not listed, and its ABORT marker ends nothing.
 */
export function readCommitted(abortedTransactions: readonly AbortedTransaction[]): (batch: Batch) => boolean {
  const pending = abortedTransactions.toSorted((a, b) => Number(a.firstOffset - b.firstOffset));
  const aborting = new Set<bigint>();
  return (batch) => {
    const lastOffset = batch.firstOffset + BigInt(batch.lastOffsetDelta);
    while (pending[0] !== undefined && pending[0].firstOffset <= lastOffset) {
      aborting.add(pending[0].producerId);
      pending.shift();
    }
    if ((batch.attributes & CONTROL) !== 0) {
      if (isAbort(batch)) aborting.delete(batch.producerId);
      return false;
    }
    return (batch.attributes & TRANSACTIONAL) === 0 || !aborting.has(batch.producerId);
  };
}

/** Compaction can leave a control batch without its record. */
const isAbort = ({ records }: Batch): boolean => records[0]?.key?.readInt16BE(TYPE_OFFSET) === ABORT;
