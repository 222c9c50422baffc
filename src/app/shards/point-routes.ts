import type { PointService } from '../../contexts/point/api.ts';
import type { ShardMap } from './shard-map.ts';
import { type Routes, toShard } from './sharded-api.ts';

/** Where each operation of points goes. An account is wholly in the shard of its user; charges and transactions name it by their ids. */
export function pointRoutes({ shardOfId, shardOfUser }: ShardMap): Routes<PointService> {
  const ofUser = toShard(({ userId }: { readonly userId: bigint }) => shardOfUser(userId));
  const ofCharge = toShard(({ chargeId }: { readonly chargeId: bigint }) => shardOfId(chargeId));
  const ofTransaction = toShard(({ transactionId }: { readonly transactionId: bigint }) => shardOfId(transactionId));
  return {
    chargePoints: ofUser,
    startCharge: ofUser,
    earnPoints: ofUser,
    usePoints: ofUser,
    adjustPoints: ofUser,
    holdPoints: ofUser,
    releaseHold: ofUser,
    captureHold: ofUser,
    spendPoints: ofUser,
    refundCapture: ofUser,
    getBalance: ofUser,
    listHistory: ofUser,
    getCharge: ofCharge,
    reportCharge: ofCharge,
    cancelTransaction: ofTransaction,
  };
}
