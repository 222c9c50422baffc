import type { Logger } from 'pino';
import { planNextBatch } from '../../../src/contexts/notification/application/deliver/plan.ts';
import { sendDue } from '../../../src/contexts/notification/application/deliver/send.ts';
import { onNoticeEvents } from '../../../src/contexts/notification/application/on-notice-events.ts';
import { remindOfExpiry } from '../../../src/contexts/notification/application/remind/remind-of-expiry.ts';
import { Unavailable } from '../../../src/platform/kernel/refusal.ts';
import type { Kernel, Owner } from '../kernel.ts';
import { openDeliveries } from './deliveries.ts';
import type { openMail } from './mail.ts';
import type { Shop } from './shop.ts';
import { openIntake, openJobs, openReminders } from './store.ts';
import type { Tables } from './tables.ts';
import type { Transact, Trouble } from './transact.ts';

export interface World {
  readonly kernel: Kernel;
  readonly tables: Tables;
  readonly transact: Transact;
  readonly shop: Shop;
  readonly mail: ReturnType<typeof openMail>;
  readonly trouble: () => Trouble;
  readonly complain: (problem: string) => void;
}

const NOTHING = () => {};
const SILENT = { debug: NOTHING, info: NOTHING, warn: NOTHING, error: NOTHING } as unknown as Logger;
const EVENTS_MAX = 3;

/** The work of one process of the context, by its name. Each does one step, and returns whether there was something to do. */
export type Steps = Readonly<
  Record<'consume' | 'announce' | 'write' | 'plan' | 'send' | 'remind', () => Promise<boolean>>
>;

/** The real code of the context in one process, over what this process reaches of the database, the mail server and other contexts. */
export function stepsOf({ kernel, tables, transact, shop, mail, trouble }: World, owner: Owner): Steps {
  const { chance, clock } = kernel;
  const intake = openIntake(tables, transact, owner);
  const consume = onNoticeEvents(intake, NOTHING);
  const contacts = {
    async getContacts({ userIds }: { readonly userIds: readonly bigint[] }) {
      await kernel.turn(owner, '');
      const known = userIds.filter((userId) => !shop.isDeleted(userId));
      const contact = { email: '', name: '', language: 'en', emailVerified: true };
      const consentOf = (userId: bigint) => {
        const consent = shop.consents.get(userId)?.at(-1);
        return consent?.value ? { at: new Date(consent.fromMs) } : undefined;
      };
      const contacts = known.map((userId) => ({ ...contact, userId, marketingConsent: consentOf(userId) }));
      return { contacts, unknownUserIds: [] };
    },
  };
  /** Responses of another context take a moment, in which everything else goes on. */
  const coupon: Shop['coupon'] = {
    async listDueCoupons(request) {
      const response = await shop.coupon.listDueCoupons(request);
      await kernel.turn(owner, '');
      return response;
    },
    async listUnusedCoupons(request) {
      const response = await shop.coupon.listUnusedCoupons(request);
      await kernel.turn(owner, '');
      return response;
    },
  };
  const signal = { notify: NOTHING };
  const store = openDeliveries(tables, transact, owner);
  const channel = mail.channelOf(owner);
  const send = sendDue({ ...{ store, contacts, coupon, channel, clock, log: SILENT }, onOutcome: NOTHING });
  const plan = planNextBatch({ store, contacts, channels: ['EMAIL'], clock });
  const remind = remindOfExpiry({
    ...{ coupon, store: openReminders(tables, transact, owner), signal, now: async () => clock() },
  });
  const unaborted = new AbortController().signal;
  return {
    async consume() {
      const old = chance.happens(trouble().duplicate) ? shop.handled : [];
      const able = [...shop.waiting, ...old];
      if (able.length === 0) return false;
      const batch = Array.from({ length: chance.between(1, EVENTS_MAX) }, () => chance.of(able));
      await consume([...new Set(batch)]);
      for (const each of batch) {
        const place = shop.waiting.indexOf(each);
        if (place >= 0) shop.handled.push(...shop.waiting.splice(place, 1));
      }
      return true;
    },
    announce: openJobs(tables, transact, owner).writePage,
    write: async () => (await intake.writeNext()).kind === 'WRITTEN',
    plan,
    send: async () => (await send(unaborted)) > 0,
    remind: async () => (await remind(unaborted)) > 0,
  };
}

/** Runs all work of a process at once, until the process ends or `isOver`. */
export function runProcess(world: World, owner: Owner, isOver: () => boolean): void {
  const { kernel, complain } = world;
  const { chance } = kernel;
  for (const [name, step] of Object.entries(stepsOf(world, owner))) {
    const run = async () => {
      while (!isOver()) {
        const isMore = await step().catch((error: unknown) => {
          if (!(error instanceof Unavailable)) complain(`${name}: ${error}`);
          return false;
        });
        const pauseMs = name === 'remind' ? chance.between(60_000, 600_000) : chance.between(1_000, 60_000);
        if (!isMore) await kernel.until(owner, kernel.clock() + pauseMs, '');
      }
    };
    void run();
  }
}
