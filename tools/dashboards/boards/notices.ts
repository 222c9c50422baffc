import type { Dashboard } from '../grafana.ts';
import { largest, rate } from '../queries.ts';

/** Notices in inboxes, and how they leave by mail and push. */
export const notices: Dashboard = {
  uid: 'stampede-notices',
  title: 'Stampede: notices and mail',
  description: 'Notices that are written, deliveries by mail and web push, and the mails of accounts.',
  rows: [
    {
      title: 'Inboxes',
      panels: [
        {
          title: 'Notices written',
          description: 'Notices a second by kind: for events, as reminders and by jobs.',
          unit: 'ops',
          queries: [rate('stampede_notices_total', ['kind'])],
        },
        {
          title: 'Of these by jobs',
          description: 'Notices that jobs for many users have written.',
          unit: 'ops',
          queries: [rate('stampede_job_notices_total', ['kind'])],
        },
        {
          title: 'Lag',
          description:
            'How long the oldest fact has waited whose notice is not written. Notices come later while issuing is busy.',
          unit: 's',
          queries: [largest('stampede_notices_lag_seconds', [], 'lag')],
        },
        {
          title: 'Streams of notices',
          description: 'Open streams of the inboxes of users.',
          unit: 'short',
          queries: [largest('stampede_streams_open', ['instance'], '', 'kind="notices"')],
        },
      ],
    },
    {
      title: 'Mail and push',
      panels: [
        {
          title: 'Waiting',
          description: 'Notices that wait to leave, by channel. Marketing waits for its hours.',
          unit: 'short',
          queries: [largest('stampede_deliveries_waiting', ['channel'])],
        },
        {
          title: 'Late',
          description: 'By how much the oldest one is late.',
          unit: 's',
          queries: [largest('stampede_deliveries_late_seconds', ['channel'])],
        },
        {
          title: 'Outcomes',
          description:
            'SENT, PENDING (tried again later), UNKNOWN (not repeated), FAILED, DROPPED (not wanted any more).',
          unit: 'ops',
          queries: [rate('stampede_deliveries_total', ['channel', 'state'])],
        },
        {
          title: 'Failed by kind',
          description: 'Notices that failed, by kind.',
          unit: 'ops',
          queries: [rate('stampede_deliveries_total', ['channel', 'kind'], '', 'state="FAILED"')],
        },
        {
          title: 'Mails of accounts',
          description: 'Attempts to send mails for verification and passwords, by outcome.',
          unit: 'ops',
          queries: [rate('stampede_mails_total', ['outcome'])],
        },
      ],
    },
  ],
};
