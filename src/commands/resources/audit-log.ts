import { type Resource, text } from './verb.ts';

export const AUDIT_LOG: Resource = {
  name: 'audit-log',
  description: 'who changed what',
  columns: ['at', 'actor', 'role', 'operation', 'subject', 'fields', 'requestId'],
  verbs: [
    {
      name: 'list',
      description: 'list changes, the newest first',
      method: 'GET',
      path: '/api/v1/audit-log',
      list: 'lines',
      query: [
        text('actor', 'by this user or key'),
        text('subject', 'of this object'),
        text('from', 'at or after this time'),
        text('to', 'before this time'),
      ],
    },
  ],
};
