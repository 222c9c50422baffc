import { arg, type Resource, text } from './verb.ts';

const BASE = '/api/v1/stores';
const ID = arg('id', 'the store');
const TERMS = [
  text('name', 'shown to users'),
  text('category', 'such as CAFE'),
  text('description', 'shown to users'),
  text('address', 'shown to users'),
];

export const STORES: Resource = {
  name: 'stores',
  description: 'stores, with the number of their followers',
  columns: ['storeId', 'name', 'category', 'status', 'followers', 'ownerId', 'createdAt'],
  verbs: [
    {
      name: 'list',
      description: 'list open stores',
      method: 'GET',
      path: BASE,
      list: 'stores',
      query: [text('category', 'of this category')],
    },
    { name: 'mine', description: 'list your own stores', method: 'GET', path: `${BASE}/my`, list: 'stores' },
    { name: 'get', description: 'show a store', method: 'GET', path: `${BASE}/{id}`, args: [ID] },
    {
      name: 'create',
      description: 'create a store from options or a JSON file',
      method: 'POST',
      path: BASE,
      body: [
        ...TERMS,
        text('ownerId', 'the owner, else you'),
        text('status', 'at first', { choices: ['PENDING', 'OPEN'] }),
      ],
      takesFile: true,
    },
    {
      name: 'update',
      description: 'change a store',
      method: 'PATCH',
      path: `${BASE}/{id}`,
      args: [ID],
      body: [...TERMS, text('status', 'from now on', { choices: ['OPEN', 'CLOSED'] })],
      takesFile: true,
    },
    {
      name: 'statistics',
      description: 'show what became of its coupons, by day',
      method: 'GET',
      path: `${BASE}/{id}/statistics`,
      args: [ID],
    },
  ],
};
