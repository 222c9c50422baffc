/** Returns where clients read a file. */
export type FileUrl = (name: string) => string;

/** What every route that takes an image says about it. */
export const IMAGE_RULES =
  'One part named `image`: a JPEG, PNG or WebP of at most 5 MB and 30 million pixels. Its content decides, not its name or type. It is encoded ' +
  'anew as WebP, without metadata; of an animation the first frame is left.';

const FILE_EXAMPLE = '7330011234567893-9f86d081884c7d659a2feaa0c55ad015.webp';
/** The largest size of an image that has several. */
export const FULL_IMAGE_EXAMPLE = FILE_EXAMPLE.replace('.webp', '-full.webp');
export const IMAGE_URL_EXAMPLE = `/files/${FILE_EXAMPLE}`;
