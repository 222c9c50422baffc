import type { Refusal } from '../../../platform/kernel/refusal.ts';
import { isBlank, isText, textRule } from '../../../platform/kernel/text.ts';
import { refuse } from '../refusals.ts';
import {
  ADDRESS_MAX,
  CATEGORY_MAX,
  DESCRIPTION_MAX,
  IMAGES_MAX,
  NAME_MAX,
  OPENING_HOURS_MAX,
  URL_MAX,
} from './limits.ts';
import { type OpeningHours, type StoreDetails, WEEKDAYS } from './store.ts';

/** Details as a client sends them: the days are any text. */
export interface RequestedDetails extends Omit<StoreDetails, 'openingHours'> {
  readonly openingHours: readonly { readonly day: string; readonly opens: string; readonly closes: string }[];
}

const TIME = /^(?:[01]\d|2[0-3]):[0-5]\d$/;

/** Checks all fields. Refused: VALIDATION_FAILED, with each field that is out of its range. */
export function checkDetails(details: RequestedDetails): StoreDetails | Refusal {
  const { name, category, description, address, location, images, openingHours } = details;
  const rules: readonly (readonly [field: string, holds: boolean, message: string])[] = [
    ['name', isName(name, NAME_MAX), textRule(1, NAME_MAX)],
    ['category', isName(category, CATEGORY_MAX), textRule(1, CATEGORY_MAX)],
    ['description', isText(description, 0, DESCRIPTION_MAX), textRule(0, DESCRIPTION_MAX)],
    ['address', isText(address, 0, ADDRESS_MAX), textRule(0, ADDRESS_MAX)],
    ['location.lat', location === null || isWithin(location.lat, 90), 'must be -90 to 90'],
    ['location.lng', location === null || isWithin(location.lng, 180), 'must be -180 to 180'],
    ['images', images.length <= IMAGES_MAX, `must be at most ${IMAGES_MAX}`],
    ['images', images.every(isImageUrl), 'must be https URLs without credentials'],
    ['openingHours', openingHours.length <= OPENING_HOURS_MAX, `must be at most ${OPENING_HOURS_MAX}`],
    ['openingHours', openingHours.every(isOpeningHours), 'must be days of the week with times such as 09:30'],
  ];
  const violated = rules.filter(([, holds]) => !holds);
  if (violated.length === 0) return { ...details, openingHours: openingHours.filter(isOpeningHours) };
  return refuse('VALIDATION_FAILED', Object.fromEntries(violated.map(([field, , message]) => [field, message])));
}

const isName = (text: string, max: number): boolean => !isBlank(text) && isText(text, 1, max);

/** NaN is not. */
const isWithin = (degrees: number, most: number): boolean => Math.abs(degrees) <= most;

/** `javascript:` and `data:` could run or hide in a page that shows them. */
function isImageUrl(text: string): boolean {
  const url = text.length <= URL_MAX ? URL.parse(text) : null;
  return (
    url !== null && url.protocol === 'https:' && url.username === '' && url.password === '' && isText(text, 1, URL_MAX)
  );
}

const isOpeningHours = (entry: RequestedDetails['openingHours'][number]): entry is OpeningHours =>
  WEEKDAYS.some((day) => day === entry.day) && TIME.test(entry.opens) && TIME.test(entry.closes);
