import { z } from 'zod';
import {
  ADDRESS_MAX,
  CATEGORY_MAX,
  DESCRIPTION_MAX,
  IMAGE_SIDES,
  IMAGES_MAX,
  NAME_MAX,
  OPENING_HOURS_MAX,
  STORE_STATUSES,
  type Store,
  URL_MAX,
  WEEKDAYS,
} from '../../../contexts/store/api.ts';
import { idOfFile, sizesOf } from '../../../platform/files/file-name.ts';
import { oneOf } from '../../server/one-of.ts';
import {
  BodyUserId,
  IdText,
  InstantText,
  OwnerIdText,
  PageFields,
  PathId,
  PathUserId,
  plainText,
  requiredInstant,
  requiredText,
  StaffIds,
} from '../../server/schemas.ts';
import { type FileUrl, FULL_IMAGE_EXAMPLE } from '../files/file-url.ts';

const VERSION_MAX = 2_147_483_647;

export const OneStore = z.strictObject({ id: PathId });
export const OneImage = z.strictObject({ id: PathId, imageId: PathId });
export const OneMember = z.strictObject({ id: PathId, userId: PathUserId });

const Location = z
  .strictObject({
    lat: z.number().min(-90).max(90).meta({ description: 'Degrees' }),
    lng: z.number().min(-180).max(180).meta({ description: 'Degrees' }),
  })
  .meta({ id: 'Location' });
const TIME = /^(?:[01]\d|2[0-3]):[0-5]\d$/;
const Time = z.string().regex(TIME, 'must be HH:MM');
const OpeningHours = z
  .strictObject({
    day: z.enum(WEEKDAYS),
    opens: Time,
    closes: Time.meta({ description: 'Not after `opens` when the store closes on the next day' }),
  })
  .meta({ id: 'OpeningHours' });
const ImageUrl = z
  .string()
  .max(URL_MAX)
  .regex(/^https:/i, 'must be an https URL')
  .refine(isHttpsUrl, 'must be an https URL');

function isHttpsUrl(text: string): boolean {
  return URL.parse(text)?.protocol === 'https:';
}

const details = {
  name: requiredText(NAME_MAX),
  category: requiredText(CATEGORY_MAX),
  description: plainText(DESCRIPTION_MAX),
  address: plainText(ADDRESS_MAX),
  location: Location.nullable(),
  images: z.array(ImageUrl).max(IMAGES_MAX),
  openingHours: z.array(OpeningHours).max(OPENING_HOURS_MAX),
};

export const StoreBody = z.strictObject({
  ...details,
  description: details.description.default(''),
  address: details.address.default(''),
  location: details.location.default(null),
  images: details.images.default([]),
  openingHours: details.openingHours.default([]),
  status: z.enum(['PENDING', 'OPEN']).default('OPEN').meta({ description: 'PENDING: not listed until it is opened' }),
  ownerId: BodyUserId.optional().meta({ description: 'ADMIN only; absent = the caller' }),
});
export const STORE_BODY_EXAMPLE: z.input<typeof StoreBody> = {
  name: 'Cafe Sol',
  category: 'CAFE',
  description: 'Roasts its own beans',
  address: '12 Seongsui-ro, Seongdong-gu, Seoul',
  location: { lat: 37.5446, lng: 127.0559 },
  images: ['https://images.example.com/sol/front.jpg'],
  openingHours: [{ day: 'MONDAY', opens: '08:00', closes: '22:00' }],
};

/** Absent fields are not changed. */
export const StorePatch = z
  .strictObject({
    name: details.name.optional(),
    category: details.category.optional(),
    description: details.description.optional(),
    address: details.address.optional(),
    location: details.location.optional(),
    images: details.images.optional(),
    openingHours: details.openingHours.optional(),
    status: z
      .enum(['OPEN', 'CLOSED'])
      .optional()
      .meta({ description: 'CLOSED ends the coupon policies of the store; they do not come back when it is opened' }),
    version: z.int().min(1).max(VERSION_MAX).optional().meta({ description: 'The one that was read; absent = any' }),
  })
  .refine(({ version: _, ...changes }) => Object.keys(changes).length > 0, { message: 'must change something' });
export const STORE_PATCH_EXAMPLE: z.input<typeof StorePatch> = { status: 'OPEN' };

export const StoresQuery = z.strictObject({
  ...PageFields,
  category: requiredText(CATEGORY_MAX)
    .optional()
    .meta({ examples: ['CAFE'] }),
});
export const OwnStoresQuery = z.strictObject(PageFields);

export const StoreView = z
  .strictObject({
    storeId: IdText,
    ...OwnerIdText,
    name: z.string(),
    category: z.string(),
    description: z.string(),
    address: z.string(),
    location: Location.nullable(),
    images: z.array(z.string()).meta({ description: 'URLs that its owner stated' }),
    uploadedImages: z
      .array(
        z
          .strictObject({
            imageId: IdText,
            url: z.string().meta({ description: 'No side is longer than 1,024 pixels' }),
            cardUrl: z.string().meta({ description: 'No side is longer than 480 pixels' }),
            thumbnailUrl: z.string().meta({ description: 'No side is longer than 160 pixels' }),
            srcset: z.string().meta({ description: 'All of them, for the attribute of that name' }),
          })
          .meta({ id: 'StoreImage' }),
      )
      .meta({ description: 'The oldest first. A URL is a path of this server, where it knows no public URL' }),
    openingHours: z.array(OpeningHours),
    status: z.enum(STORE_STATUSES),
    followers: z.int().meta({ description: 'How many users follow it' }),
    version: z.int(),
    createdAt: InstantText,
    updatedAt: InstantText,
  })
  .meta({ id: 'Store' });
/** One store, for those who manage it. */
export const ManagedStoreView = StoreView.extend(StaffIds).meta({ id: 'ManagedStore' });

export const STORE_EXAMPLE: z.input<typeof StoreView> = {
  storeId: '7330011234567000',
  ownerId: '42',
  name: 'Cafe Sol',
  category: 'CAFE',
  description: 'Roasts its own beans',
  address: '12 Seongsui-ro, Seongdong-gu, Seoul',
  location: { lat: 37.5446, lng: 127.0559 },
  images: ['https://images.example.com/sol/front.jpg'],
  uploadedImages: [],
  openingHours: [{ day: 'MONDAY', opens: '08:00', closes: '22:00' }],
  status: 'OPEN',
  followers: 1_204,
  version: 1,
  createdAt: '2034-12-20T02:00:00.000Z',
  updatedAt: '2034-12-20T02:00:00.000Z',
};
export const MANAGED_STORE_EXAMPLE: z.input<typeof ManagedStoreView> = { ...STORE_EXAMPLE, staff: ['43'] };
/** Widths are those of the largest pictures: one that is higher than wide has less, and a browser that takes it for more loads a larger one. */
function imageJson(file: string, fileUrl: FileUrl) {
  const { full, card, thumbnail } = sizesOf(file);
  const [url, cardUrl, thumbnailUrl] = [fileUrl(full), fileUrl(card), fileUrl(thumbnail)];
  const { full: width, card: cardWidth, thumbnail: thumbnailWidth } = IMAGE_SIDES;
  // An image of before there were sizes has one file.
  const hasSizes = card !== full;
  const srcset = hasSizes
    ? `${thumbnailUrl} ${thumbnailWidth}w, ${cardUrl} ${cardWidth}w, ${url} ${width}w`
    : `${url} ${width}w`;
  return { imageId: String(idOfFile(file)), url, cardUrl, thumbnailUrl, srcset };
}

export const STORE_WITH_IMAGE_EXAMPLE: z.input<typeof ManagedStoreView> = {
  ...MANAGED_STORE_EXAMPLE,
  uploadedImages: [imageJson(FULL_IMAGE_EXAMPLE, (name) => `/files/${name}`)],
};

export const storeJson = (store: Store, fileUrl: FileUrl): z.input<typeof StoreView> => ({
  storeId: String(store.id),
  ownerId: String(store.ownerId),
  name: store.name,
  category: store.category,
  description: store.description,
  address: store.address,
  location: store.location === undefined ? null : { lat: store.location.lat, lng: store.location.lng },
  images: [...store.images],
  uploadedImages: store.imageFiles.map((file) => imageJson(file, fileUrl)),
  openingHours: store.openingHours.map(({ day, opens, closes }) => ({ day: oneOf(WEEKDAYS, day), opens, closes })),
  status: oneOf(STORE_STATUSES, store.status),
  followers: store.followers,
  version: store.version,
  createdAt: requiredInstant(store.createdAt),
  updatedAt: requiredInstant(store.updatedAt),
});

export const managedStoreJson = (store: Store, fileUrl: FileUrl): z.input<typeof ManagedStoreView> => ({
  ...storeJson(store, fileUrl),
  staff: store.staff.map(String),
});
