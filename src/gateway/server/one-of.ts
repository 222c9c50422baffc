/** Returns a word of a contract, whose fields are plain text, as one of `words`. Throws when it is none of them. */
export function oneOf<const Word extends string>(words: readonly Word[], value: string): Word {
  const word = words.find((each) => each === value);
  if (word === undefined) throw new Error(`${value} is none of ${words.join(', ')}`);
  return word;
}
