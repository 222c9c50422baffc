import { arg, type Resource } from './verb.ts';

const BASE = '/api/v1/notification-jobs';
const ID = arg('id', 'the announcement');

export const ANNOUNCEMENTS: Resource = {
  name: 'announcements',
  description: 'notices to many users; jobs watch shows how far one is',
  columns: ['jobId', 'kind', 'subject', 'status', 'total', 'done', 'written', 'startsAt'],
  verbs: [
    { name: 'list', description: 'list announcements, the newest first', method: 'GET', path: BASE, list: 'jobs' },
    { name: 'get', description: 'show an announcement', method: 'GET', path: `${BASE}/{id}`, args: [ID] },
    {
      name: 'create',
      description: 'send what a JSON file says: audience, class, ko, en',
      method: 'POST',
      path: BASE,
      body: [],
      takesFile: true,
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
