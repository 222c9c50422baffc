/** The length in code points. */
export const codePoints = (text: string): number => [...text].length;
