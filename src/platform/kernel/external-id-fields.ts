/**
 * The fields that name one user by the id, and the field beside each of them that has the external id of that user: in responses and webhooks. The data of a
 * topic has at most one of them.
 */
export const EXTERNAL_ID_FIELD = { userId: 'externalId', ownerId: 'ownerExternalId' } as const;
