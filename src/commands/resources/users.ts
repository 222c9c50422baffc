import { arg, type Resource, text, type Verb } from './verb.ts';

const BASE = '/api/v1/users';
const ID = arg('id', 'the user');
const ROLES = ['CUSTOMER', 'OWNER', 'ADMIN'];

const change = (name: string, description: string, constants: Readonly<Record<string, unknown>>): Verb => ({
  name,
  description,
  method: 'PATCH',
  path: `${BASE}/{id}`,
  args: [ID],
  constants,
});

export const USERS: Resource = {
  name: 'users',
  description: 'accounts of users',
  columns: ['userId', 'email', 'name', 'role', 'status', 'emailVerified', 'createdAt'],
  verbs: [
    {
      name: 'list',
      description: 'list accounts',
      method: 'GET',
      path: BASE,
      list: 'users',
      query: [text('email', 'with this address'), text('role', 'with this role', { choices: ROLES })],
    },
    { name: 'get', description: 'show an account', method: 'GET', path: `${BASE}/{id}`, args: [ID] },
    change('lock', 'lock an account and end its sessions', { status: 'LOCKED' }),
    change('unlock', 'unlock an account', { status: 'ACTIVE' }),
    {
      ...change('role', 'change the role of a user', {}),
      args: [ID, { ...arg('role', ROLES.join(', ')) }],
    },
    change('end-sessions', 'end the sessions of a user', { endSessions: true }),
    { name: 'me', description: 'show your own account', method: 'GET', path: '/api/v1/auth/profile' },
  ],
};
