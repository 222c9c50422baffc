/**
 * CP949, the encoding in which Korean spreadsheets save CSV. Node's own decoder knows the part of it that is KS X 1001 (EUC-KR). The
 * extension has the other Hangul syllables, in the order of Unicode, so it is computed: a library for it carries the tables of all encodings.
 */

const ROW_FIRST = 0xa1;
const ROW_LAST = 0xfe;
const LEAD_FIRST = 0x81;
/** From this lead byte on, KS X 1001 has the second bytes from 0xA1. */
const SHARED_LEAD_FIRST = 0xa1;
const SYLLABLE_FIRST = 0xac00;
const SYLLABLE_LAST = 0xd7a3;
const UNKNOWN = 0xfffd;
/** Added to KS X 1001 in 1998; Node's decoder lacks them. */
const LATER: readonly (readonly [pair: number, text: string])[] = [
  [0xa2e6, '€'],
  [0xa2e7, '®'],
];

/** The UTF-16 unit of each pair of bytes; 0 where there is none. */
let pairs: Uint16Array | undefined;

function pairTable(): Uint16Array {
  const table = new Uint16Array(0x1_0000);
  const standard = new TextDecoder('euc-kr');
  const known = new Set<number>();
  for (let lead = ROW_FIRST; lead <= ROW_LAST; lead++) {
    for (let trail = ROW_FIRST; trail <= ROW_LAST; trail++) {
      const text = standard.decode(Uint8Array.of(lead, trail));
      if (text.length !== 1 || text.charCodeAt(0) === UNKNOWN) continue;
      table[(lead << 8) | trail] = text.charCodeAt(0);
      known.add(text.charCodeAt(0));
    }
  }
  for (const [pair, text] of LATER) table[pair] = text.charCodeAt(0);
  const places = extensionPlaces();
  for (let syllable = SYLLABLE_FIRST; syllable <= SYLLABLE_LAST; syllable++) {
    if (known.has(syllable)) continue;
    const place = places.next().value;
    if (place !== undefined) table[place] = syllable;
  }
  return table;
}

/** The pairs of bytes of the extension, in its order. */
function* extensionPlaces(): Generator<number, undefined> {
  for (let lead = LEAD_FIRST; lead <= ROW_LAST; lead++) {
    const last = lead < SHARED_LEAD_FIRST ? ROW_LAST : ROW_FIRST - 1;
    for (const [from, to] of [
      [0x41, 0x5a],
      [0x61, 0x7a],
      [0x81, last],
    ] as const) {
      for (let trail = from; trail <= to; trail++) yield (lead << 8) | trail;
    }
  }
}

/** Returns a decoder of CP949 for the parts of a text in their order. Bytes that are no character become U+FFFD. */
export function cp949Decoder(): (bytes: Uint8Array) => string {
  pairs ??= pairTable();
  const table = pairs;
  let lead = 0;
  return (bytes) => {
    const units = new Uint16Array(bytes.length + 2);
    let length = 0;
    for (const byte of bytes) {
      if (lead !== 0) {
        const unit = table[(lead << 8) | byte] ?? 0;
        lead = 0;
        units[length++] = unit === 0 ? UNKNOWN : unit;
        // A delimiter or a line end after half a character still counts.
        if (unit === 0 && byte < 0x80) units[length++] = byte;
      } else if (byte < 0x80) units[length++] = byte;
      else if (byte < LEAD_FIRST || byte > ROW_LAST) units[length++] = UNKNOWN;
      else lead = byte;
    }
    return Buffer.from(units.buffer, 0, length * 2).toString('utf16le');
  };
}
