/** Characters that make a formula of a cell in spreadsheets, wherever the file came from. */
const FORMULA = /^[=+\-@\t\r]/;

/** Returns one line of CSV (RFC 4180). A value that a spreadsheet would evaluate gets an apostrophe as prefix, which makes it text. */
export const csvLine = (fields: readonly string[]): string => `${fields.map(csvField).join(',')}\r\n`;

function csvField(text: string): string {
  const harmless = FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
