import type { z } from 'zod';
import type { StoreService } from '../../../contexts/store/api.ts';
import { isOperator } from '../../../platform/kernel/operator.ts';
import { mayLag, type Principal, toProto } from '../../auth/principal.ts';
import type { KeyedCall } from '../../idempotency/keyed-call.ts';
import { valueFrom } from '../../problems/problem.ts';
import { MANAGERS, type Route, route } from '../../server/route.ts';
import { EmptyBody, pageJson, pageOf, pageView } from '../../server/schemas.ts';
import type { ReadImage } from '../../uploads/image-upload.ts';
import { type FileUrl, IMAGE_RULES } from '../files/file-url.ts';
import {
  MANAGED_STORE_EXAMPLE,
  ManagedStoreView,
  managedStoreJson,
  OneImage,
  OneMember,
  OneStore,
  OwnStoresQuery,
  STORE_BODY_EXAMPLE,
  STORE_EXAMPLE,
  STORE_PATCH_EXAMPLE,
  STORE_WITH_IMAGE_EXAMPLE,
  StoreBody,
  StorePatch,
  StoresQuery,
  StoreView,
  storeJson,
} from './store.schemas.ts';

const STORE_LIST = {
  schema: pageView('stores', StoreView).meta({ id: 'StoreList' }),
  example: { stores: [STORE_EXAMPLE], nextCursor: null, hasMore: false },
};
const MANAGED_STORE = { schema: ManagedStoreView, example: MANAGED_STORE_EXAMPLE };

export function storesRoutes({
  store,
  readImage,
  fileUrl,
}: {
  readonly store: StoreService;
  readonly readImage: ReadImage;
  readonly fileUrl: FileUrl;
}): readonly Route[] {
  const list = async (query: z.output<typeof StoresQuery>, whose: { ownerId?: bigint; mayLag: boolean }) => {
    const { category } = query;
    const { stores, nextCursor } = await store.listStores({
      page: pageOf(query),
      category,
      ownerId: undefined,
      ...whose,
    });
    return { stores: stores.map((each) => storeJson(each, fileUrl)), ...pageJson(nextCursor) };
  };

  const staffRoute = (method: 'PUT' | 'DELETE', summary: string, isStaff: boolean): Route =>
    route({
      id: `${isStaff ? 'add' : 'remove'}StoreStaff`,
      tag: 'stores',
      method,
      paths: ['/api/v1/stores/:id/staff/:userId'],
      summary,
      description:
        'Staff may use coupons at the counter of the store. A repeat changes nothing. By its OWNER, or an ADMIN.',
      access: MANAGERS,
      scope: 'stores:write',
      ...(isStaff && { addsUsers: true }),
      status: 204,
      refusals: isStaff ? ['STORE_NOT_FOUND', 'STAFF_LIMIT_EXCEEDED'] : ['STORE_NOT_FOUND'],
      idempotent: true,
      params: OneMember,
      ...(isStaff && { body: EmptyBody, bodyExample: {} }),
      async handle({ principal, call, params: { id: storeId, userId } }): Promise<void> {
        call.valueFrom(await store.setStaff({ ...requestOf(principal, call), storeId, userId, isStaff }));
      },
    });

  return [
    route({
      id: 'createStore',
      tag: 'stores',
      method: 'POST',
      paths: ['/api/v1/stores'],
      summary: 'Create a store',
      description:
        'It is OPEN at once, unless it is created PENDING. It belongs to the caller for good; an ADMIN may name another owner.',
      access: MANAGERS,
      scope: 'stores:write',
      addsUsers: true,
      status: 201,
      response: MANAGED_STORE,
      bodyExample: STORE_BODY_EXAMPLE,
      refusals: ['STORE_LIMIT_EXCEEDED'],
      idempotent: true,
      body: StoreBody,
      async handle({ principal, call, body: { location, ...body } }) {
        const message = { ...body, location: location ?? undefined, ...requestOf(principal, call) };
        return managedStoreJson(call.valueFrom(await store.createStore(message)), fileUrl);
      },
    }),
    route({
      id: 'listStores',
      tag: 'stores',
      method: 'GET',
      paths: ['/api/v1/stores'],
      summary: 'List open stores, newest first',
      access: 'ANYBODY',
      sharedBy: 'CUSTOMERS',
      scope: 'stores:read',
      status: 200,
      response: STORE_LIST,
      query: StoresQuery,
      handle: ({ principal, query }) => list(query, { mayLag: mayLag(principal) }),
    }),
    route({
      id: 'listOwnStores',
      tag: 'stores',
      method: 'GET',
      paths: ['/api/v1/stores/my'],
      summary: 'List your stores in any status, newest first',
      access: MANAGERS,
      scope: 'stores:read',
      status: 200,
      response: STORE_LIST,
      query: OwnStoresQuery,
      handle: ({ principal, query }) => list(query, { ownerId: principal.userId, mayLag: false }),
    }),
    route({
      id: 'getStore',
      tag: 'stores',
      method: 'GET',
      paths: ['/api/v1/stores/:id'],
      summary: 'Read a store',
      description: 'A store that is not OPEN is missing for everybody but its owner, its staff and ADMIN.',
      access: 'ANYBODY',
      sharedBy: 'ANONYMOUS',
      scope: 'stores:read',
      status: 200,
      response: MANAGED_STORE,
      refusals: ['STORE_NOT_FOUND'],
      params: OneStore,
      async handle({ principal, params: { id: storeId } }): Promise<z.input<typeof ManagedStoreView>> {
        const message = { storeId, principal: principal && toProto(principal) };
        const found = valueFrom((await store.getStore(message)).outcome);
        const isOwner = principal?.role === 'OWNER' && principal.userId === found.ownerId;
        const isManager = isOwner || isOperator(principal?.role);
        return isManager ? managedStoreJson(found, fileUrl) : storeJson(found, fileUrl);
      },
    }),
    route({
      id: 'updateStore',
      tag: 'stores',
      method: 'PATCH',
      paths: ['/api/v1/stores/:id'],
      summary: 'Change a store, open it or close it',
      description:
        'What is left out stays as it is. With `version` nothing is changed if the store was changed since. Closing it ends its ' +
        'coupon policies within seconds. By its OWNER, or an ADMIN.',
      access: MANAGERS,
      scope: 'stores:write',
      status: 200,
      response: MANAGED_STORE,
      bodyExample: STORE_PATCH_EXAMPLE,
      refusals: ['STORE_NOT_FOUND', 'OPTIMISTIC_LOCK_FAILURE'],
      idempotent: true,
      params: OneStore,
      body: StorePatch,
      async handle({ principal, call, params: { id: storeId }, body }) {
        const { location, images, openingHours, ...changes } = body;
        const message = {
          ...changes,
          storeId,
          ...requestOf(principal, call),
          location: location === undefined ? undefined : { location: location ?? undefined },
          images: images && { urls: images },
          openingHours: openingHours && { entries: openingHours },
        };
        return managedStoreJson(call.valueFrom(await store.updateStore(message)), fileUrl);
      },
    }),
    route({
      id: 'deleteStore',
      tag: 'stores',
      method: 'DELETE',
      paths: ['/api/v1/stores/:id'],
      summary: 'Delete a store',
      description:
        'For good: its coupon policies end within seconds, and it cannot be opened again. Orders keep its id. A repeat without the same ' +
        'Idempotency-Key gets 404. By its OWNER, or an ADMIN.',
      access: MANAGERS,
      scope: 'stores:write',
      status: 204,
      refusals: ['STORE_NOT_FOUND'],
      idempotent: true,
      params: OneStore,
      async handle({ principal, call, params: { id: storeId } }): Promise<void> {
        call.valueFrom(await store.deleteStore({ ...requestOf(principal, call), storeId }));
      },
    }),
    route({
      id: 'addStoreImage',
      tag: 'stores',
      method: 'POST',
      paths: ['/api/v1/stores/:id/images'],
      summary: 'Upload an image of a store',
      description: `${IMAGE_RULES} It is made to fit into 1,024, 480 and 160 pixels, and is the last of \`uploadedImages\`, of which a store has 10. By its OWNER, or an ADMIN.`,
      access: MANAGERS,
      scope: 'stores:write',
      status: 201,
      response: { ...MANAGED_STORE, example: STORE_WITH_IMAGE_EXAMPLE },
      refusals: ['STORE_NOT_FOUND', 'IMAGE_LIMIT_EXCEEDED'],
      idempotent: true,
      image: true,
      params: OneStore,
      async handle({ principal, call, params: { id: storeId }, request }) {
        const { content, digest } = await readImage(principal, request);
        const commandKey = call.takeCommandKey(digest);
        const response = await store.addStoreImage({ principal: toProto(principal), storeId, content, commandKey });
        return managedStoreJson(call.valueFrom(response), fileUrl);
      },
    }),
    route({
      id: 'removeStoreImage',
      tag: 'stores',
      method: 'DELETE',
      paths: ['/api/v1/stores/:id/images/:imageId'],
      summary: 'Delete an uploaded image of a store',
      description:
        'For good. A repeat without the same Idempotency-Key gets 404. Caches may show it for longer. By its OWNER, or an ADMIN.',
      access: MANAGERS,
      scope: 'stores:write',
      status: 204,
      refusals: ['STORE_NOT_FOUND', 'IMAGE_NOT_FOUND'],
      idempotent: true,
      params: OneImage,
      async handle({ principal, call, params: { id: storeId, imageId } }): Promise<void> {
        call.valueFrom(await store.removeStoreImage({ ...requestOf(principal, call), storeId, imageId }));
      },
    }),
    staffRoute('PUT', 'Add a user to the staff of a store', true),
    staffRoute('DELETE', 'Remove a user from the staff of a store', false),
  ];
}

/** What every change has: its principal, and its key. */
const requestOf = (principal: Principal, call: KeyedCall) => ({
  principal: toProto(principal),
  commandKey: call.takeCommandKey(),
});
