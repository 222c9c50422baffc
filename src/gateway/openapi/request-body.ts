import type { Route } from '../server/route.ts';
import { IMAGE_FIELD } from '../uploads/image-upload.ts';
import { type Components, type Json, pascalCase } from './components.ts';
import { schemaOf } from './schema-of.ts';

/** The body of an operation; undefined when it takes none. @throws Error for a route that states a body without an example */
export function requestBodyOf(components: Components, route: Route): Json | undefined {
  const { id, body, bodyExample: example, upload, image, form } = route;
  if (upload !== undefined) {
    return { required: true, content: { 'text/csv': { schema: { type: 'string' }, example: upload } } };
  }
  if (image) return { required: true, content: { 'multipart/form-data': imageUploadOf(components) } };
  if ((body === undefined) !== (example === undefined)) throw new Error(`${id} states a body without its example`);
  if (body === undefined) return undefined;
  const isIgnored = route.plain === true && route.ignoresBody === true;
  const media = { schema: schemaOf(components, body, `${pascalCase(id)}Request`), example };
  const content = {
    'application/json': media,
    ...(form ? { 'application/x-www-form-urlencoded': media } : {}),
    ...(isIgnored ? { 'multipart/form-data': media } : {}),
  };
  const isRequired = !isIgnored && Object.keys(example as object).length > 0;
  return { ...(isRequired ? { required: true } : {}), content };
}

const imageUploadOf = (components: Components): Json => ({
  schema: components.add('schemas', 'ImageUpload', {
    type: 'object',
    required: [IMAGE_FIELD],
    properties: {
      [IMAGE_FIELD]: {
        type: 'string',
        format: 'binary',
        description: 'A JPEG, PNG or WebP of at most 5 MB and 30 million pixels, by its content',
      },
    },
    additionalProperties: false,
  }),
  encoding: { [IMAGE_FIELD]: { contentType: 'image/jpeg, image/png, image/webp' } },
  example: { [IMAGE_FIELD]: '(bytes of the image)' },
});
