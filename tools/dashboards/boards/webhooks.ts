import type { Dashboard } from '../grafana.ts';
import { largest, rate } from '../queries.ts';

/** Requests to the endpoints of administrators. */
export const webhooks: Dashboard = {
  uid: 'stampede-webhooks',
  title: 'Stampede: webhooks',
  description: 'Deliveries to endpoints: sent, waiting, failing, disabled.',
  rows: [
    {
      title: 'Endpoints',
      panels: [
        {
          title: 'Disabled',
          description: 'Endpoints that get nothing, by reason. ADMIN: by an administrator.',
          unit: 'short',
          queries: [largest('stampede_webhook_endpoints_disabled', ['reason'])],
        },
        {
          title: 'Failing',
          description: 'Enabled endpoints whose last request failed. They are probed, and disabled after three days.',
          unit: 'short',
          queries: [largest('stampede_webhook_endpoints_failing', [], 'failing')],
        },
      ],
    },
    {
      title: 'Deliveries',
      panels: [
        {
          title: 'Requests',
          description: 'Requests a second by outcome.',
          unit: 'reqps',
          queries: [rate('stampede_webhook_attempts_total', ['outcome'])],
        },
        {
          title: 'Failures by cause',
          description:
            'STATUS_5XX and others: the receiver responded so. TIMEOUT, CONNECTION: it did not respond. ADDRESS_REFUSED: its name leads to a private network.',
          unit: 'reqps',
          queries: [rate('stampede_webhook_attempts_total', ['cause'], '', 'outcome!="DELIVERED"')],
        },
        {
          title: 'Waiting',
          description: 'Deliveries to enabled endpoints that wait. From 100,000 on an endpoint is disabled.',
          unit: 'short',
          queries: [largest('stampede_webhook_deliveries_waiting', [], 'waiting')],
        },
        {
          title: 'Late',
          description: 'By how much the oldest delivery is late.',
          unit: 's',
          queries: [largest('stampede_webhook_deliveries_late_seconds', [], 'late')],
        },
        {
          title: 'Unreadable secrets',
          description: 'Endpoints whose secret was encrypted with a key that is not here. They get nothing.',
          unit: 'short',
          queries: [largest('stampede_webhook_secrets_unreadable', [], 'unreadable')],
        },
      ],
    },
  ],
};
