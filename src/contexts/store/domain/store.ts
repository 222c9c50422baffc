import type { Principal } from '../../../platform/kernel/contract.ts';
import { isOperator } from '../../../platform/kernel/operator.ts';

export const STORE_STATUSES = ['PENDING', 'OPEN', 'CLOSED'] as const;
export type StoreStatus = (typeof STORE_STATUSES)[number];

export const WEEKDAYS = ['MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY', 'SATURDAY', 'SUNDAY'] as const;
export type Weekday = (typeof WEEKDAYS)[number];

export interface OpeningHours {
  readonly day: Weekday;
  /** HH:MM on a clock of 24 hours. */
  readonly opens: string;
  /** Not after `opens` when the store closes on the next day. */
  readonly closes: string;
}

/** What an owner states about a store. */
export interface StoreDetails {
  readonly name: string;
  readonly category: string;
  readonly description: string;
  readonly address: string;
  /** Degrees. */
  readonly location: { readonly lat: number; readonly lng: number } | null;
  /** https URLs. */
  readonly images: readonly string[];
  readonly openingHours: readonly OpeningHours[];
}

export interface Store {
  readonly id: bigint;
  /** Never changes. */
  readonly ownerId: bigint;
  readonly details: StoreDetails;
  readonly status: StoreStatus;
  /** Users who may use coupons at its counter. */
  readonly staff: readonly bigint[];
  /** Names of files: the images that were uploaded, the oldest first. */
  readonly imageFiles: readonly string[];
  /** Increased by every change of the owner. */
  readonly version: number;
  /** How many users follow it. A change of the store leaves it as it is. */
  readonly followers: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  /** A deleted store keeps its row, for orders and statistics that name it. */
  readonly deletedAt: Date | null;
}

/** A store whose owner is gone: only its id and category remain. */
export const withoutDetails = (store: Store): Store => ({
  ...store,
  details: {
    name: 'Deleted store',
    category: store.details.category,
    description: '',
    address: '',
    location: null,
    images: [],
    openingHours: [],
  },
  staff: [],
});

type Caller = Principal | undefined;

/** An operator may change every store, an OWNER their own. The role counts: an owner who is no longer OWNER may not. */
export const mayChange = (caller: Caller, { ownerId }: Pick<Store, 'ownerId'>): boolean =>
  isOperator(caller?.role) || (caller?.role === 'OWNER' && caller.userId === ownerId);

/** Everybody sees an OPEN store; its owner, its staff and operators see it in every status. */
export const maySee = (caller: Caller, store: Store): boolean =>
  store.status === 'OPEN' || mayChange(caller, store) || (caller !== undefined && store.staff.includes(caller.userId));
