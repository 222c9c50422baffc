import { setTimeout as sleep } from 'node:timers/promises';
import type { ServiceError } from '@grpc/grpc-js';
import { isKeyInUse, isLost, mayWorkElsewhere } from './failures.ts';
import type { AssignedCall, Instances } from './instances.ts';

/** The waits before a command is sent again: long enough for a new connection, and below a second together. */
const RETRY_AFTER_MS = [100, 200, 400];
/** Between two looks whether a command that was sent before has ended. */
const OWN_KEY_MS = 200;

/** Where one call goes after it failed. */
export interface Retries {
  /**
   * Waits, if that helps, and returns the next instance, or undefined in it while none is known. Returns undefined when the call is not sent
   * again.
   */
  after(error: ServiceError, address: string): Promise<{ readonly assigned: AssignedCall | undefined } | undefined>;
  /** Is the key in use by this command itself, whose connection was lost? Its outcome is not known yet. */
  meetsItself(error: ServiceError): boolean;
}

/**
 * @param isRepeatable may the call be sent again after it may have had its effect?
 * @param deadline Unix ms
 */
export function callRetries(instances: Instances, isRepeatable: boolean, deadline: number): Retries {
  const tried = new Set<string>();
  let losses = 0;
  let hasMoved = false;
  const meetsItself = (error: ServiceError): boolean => losses > 0 && isKeyInUse(error);

  /** Only one that works: a context that fails as a whole does not get its calls twice. */
  function moveOnce(): AssignedCall | undefined {
    if (hasMoved || Date.now() >= deadline) return undefined;
    hasMoved = true;
    return instances.acquireOther(tried);
  }

  /** Undefined: waiting does not help. */
  function waitOf(error: ServiceError): number | undefined {
    if (isRepeatable && isLost(error)) return RETRY_AFTER_MS[losses++];
    return meetsItself(error) ? OWN_KEY_MS : undefined;
  }

  return {
    meetsItself,
    async after(error, address) {
      if (isRepeatable && (isLost(error) || mayWorkElsewhere(error))) tried.add(address);
      const other = isRepeatable && mayWorkElsewhere(error) ? moveOnce() : undefined;
      if (other !== undefined) return { assigned: other };
      const waitMs = waitOf(error);
      if (waitMs === undefined || Date.now() + waitMs >= deadline) return undefined;
      await sleep(waitMs);
      return { assigned: instances.acquire(tried) };
    },
  };
}
