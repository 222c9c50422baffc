import { Unavailable } from '../../platform/kernel/refusal.ts';
import { refuseWhen } from '../limits/take.ts';

const RETRY_AFTER_SECONDS = 5;
/** Younger uploads are not called slow. */
const YOUNG_MS = 1_000;

/** Uploads that are read at the same time. */
export interface UploadLimits {
  /** Of a user; a machine has as many as an address. */
  readonly ofUser: number;
  readonly ofAddress: number;
  readonly ofNode: number;
}

/** An upload that wants a place. */
export interface Upload {
  readonly user: string;
  readonly isMachine: boolean;
  readonly network: string;
  /** Bytes so far. */
  received(): number;
  /** Ends it: its place goes to another one. */
  cut(): void;
}

export interface UploadPlaces {
  /**
   * Takes a place, and returns the function that gives it back. When all places of an address are taken, a user with fewer of them gets that of the slowest upload
   * of the user with the most; on a node with none left an address does, of the address with the most. So no client keeps others out with slow uploads.
   * Throws RATE_LIMITED, OVERLOADED.
   */
  take(upload: Upload): () => void;
}

/** @param nowMs of a clock that never goes back */
export function uploadPlaces({ ofUser, ofAddress, ofNode }: UploadLimits, nowMs: () => number): UploadPlaces {
  const open = new Map<Upload, { readonly sinceMs: number }>();
  const holders = (isOne: (upload: Upload) => boolean): readonly Upload[] => [...open.keys()].filter(isOne);

  const speedOf = (upload: Upload): number => {
    const ageMs = nowMs() - (open.get(upload)?.sinceMs ?? 0);
    return ageMs < YOUNG_MS ? Number.POSITIVE_INFINITY : upload.received() / ageMs;
  };

  /** Cuts the slowest upload of who has the most places of these. Returns false where the newcomer would have as many as that one keeps. */
  function makeRoom(among: readonly Upload[], keyOf: (upload: Upload) => string, newcomer: Upload): boolean {
    const byKey = Map.groupBy(among, keyOf);
    const own = byKey.get(keyOf(newcomer))?.length ?? 0;
    const most = [...byKey.values()].reduce((a, b) => (b.length > a.length ? b : a));
    if (own + 1 >= most.length) return false;
    const slowest = most.reduce((a, b) => (speedOf(b) < speedOf(a) ? b : a));
    open.delete(slowest);
    slowest.cut();
    return true;
  }

  return {
    take(upload) {
      const { user, network, isMachine } = upload;
      refuseWhen(
        holders((other) => other.user === user).length >= (isMachine ? ofAddress : ofUser),
        RETRY_AFTER_SECONDS,
      );
      const neighbours = holders((other) => other.network === network);
      if (neighbours.length >= ofAddress) {
        refuseWhen(!makeRoom(neighbours, (other) => other.user, upload), RETRY_AFTER_SECONDS);
      } else if (
        open.size >= ofNode &&
        !makeRoom(
          holders(() => true),
          (other) => other.network,
          upload,
        )
      ) {
        throw new Unavailable('OVERLOADED', 'too many images are being uploaded', RETRY_AFTER_SECONDS);
      }
      open.set(upload, { sinceMs: nowMs() });
      return () => void open.delete(upload);
    },
  };
}
