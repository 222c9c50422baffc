/** A photo of more pixels hardly fits into the 5 MB of an upload. One of these takes at most about 250 MB while it is decoded. */
export const PIXELS_MAX = 30_000_000;

/** What a client reads about a file that is no image, by the field of its upload. */
export const NO_IMAGE = {
  image: `must be a JPEG, PNG or WebP that is whole and has at most ${PIXELS_MAX / 1e6} million pixels`,
};
