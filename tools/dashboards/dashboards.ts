import { database } from './boards/database.ts';
import { notices } from './boards/notices.ts';
import { opening } from './boards/opening.ts';
import { orders } from './boards/orders.ts';
import { overview } from './boards/overview.ts';
import { webhooks } from './boards/webhooks.ts';

export const DASHBOARDS = [overview, opening, orders, notices, webhooks, database];
