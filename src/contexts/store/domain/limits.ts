export const NAME_MAX = 100;
export const CATEGORY_MAX = 50;
export const DESCRIPTION_MAX = 2_000;
export const ADDRESS_MAX = 300;
export const URL_MAX = 2_048;
/** Of the images that are URLs, and of those that were uploaded. */
export const IMAGES_MAX = 10;
/** Three periods a day. */
export const OPENING_HOURS_MAX = 21;
/** Stores of one owner that are not deleted. It bounds what a check of ownership reads. */
export const STORES_MAX = 100;
export const STAFF_MAX = 100;
/** Pixels of the longer side of each size of an uploaded image. */
export const IMAGE_SIDES = { full: 1_024, card: 480, thumbnail: 160 } as const;
/** Ids in one page of followers: one message of 45 kB at most. */
export const FOLLOWERS_PAGE_MAX = 5_000;
/** Policies in one response about openings. */
export const OPENINGS_MAX = 1_000;
