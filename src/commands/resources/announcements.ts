import { arg, type Resource } from './verb.ts';

const BASE = '/api/v1/notification-jobs';
const ID = arg('id', 'the announcement');

/** A body of `announcements create`, also in docs/cli.md. */
export const ANNOUNCEMENT_EXAMPLE = {
  audience: { type: 'USERS' },
  class: 'TRANSACTIONAL',
  ko: { title: '배송 지연', body: '눈 때문에 하루 늦게 도착합니다.' },
  en: { title: 'Delayed delivery', body: 'Your parcel arrives a day late because of snow.' },
  path: '/orders',
};
const FILE_HELP = `The file is a JSON object such as
${JSON.stringify(ANNOUNCEMENT_EXAMPLE, undefined, 2)}

audience is one of
  {"type": "STORE_FOLLOWERS", "storeId": "…"}
  {"type": "POLICY_FOLLOWERS", "couponPolicyId": "…"}
  {"type": "POLICY_HOLDERS", "couponPolicyId": "…"}
  {"type": "USERS"}, whose users add-users gives
class is TRANSACTIONAL or MARKETING. startsAt, a time such as 2030-01-31T00:00:00Z, is for create alone; without it the announcement starts at once.`;

export const ANNOUNCEMENTS: Resource = {
  name: 'announcements',
  description: 'notices to many users; jobs watch shows how far one is',
  columns: ['jobId', 'kind', 'subject', 'status', 'total', 'done', 'written', 'startsAt'],
  verbs: [
    { name: 'list', description: 'list announcements, the newest first', method: 'GET', path: BASE, list: 'jobs' },
    { name: 'get', description: 'show an announcement', method: 'GET', path: `${BASE}/{id}`, args: [ID] },
    {
      name: 'create',
      description: 'send what a JSON file has: audience, class, and texts in Korean and English',
      method: 'POST',
      path: BASE,
      body: [],
      takesFile: true,
      fileHelp: FILE_HELP,
    },
    {
      name: 'add-users',
      description: 'give an announcement with the audience USERS its users, which starts it',
      method: 'POST',
      path: `${BASE}/{id}/users.csv`,
      args: [ID],
      takesCsv: true,
    },
    {
      name: 'preview',
      description: 'show what would be sent, and to how many',
      method: 'POST',
      path: `${BASE}/preview`,
      body: [],
      returns: 'size',
      takesFile: true,
      fileHelp: FILE_HELP,
    },
    {
      name: 'cancel',
      description: 'cancel an announcement that has not ended',
      method: 'DELETE',
      path: `${BASE}/{id}`,
      args: [ID],
    },
  ],
};
