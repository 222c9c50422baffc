import type { IssueStore } from './issue/ports.ts';
import type { LifecycleStore } from './lifecycle/ports.ts';
import type { PolicyStore } from './policy/ports.ts';
import type { CouponReader } from './queries/ports.ts';

/** Every port of one store: what the suites and the memory store implement. */
export interface CouponStore extends IssueStore, LifecycleStore, PolicyStore, CouponReader {}
