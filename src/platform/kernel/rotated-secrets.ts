/** Reads a secret of the configuration: one, or `new,old` while it is rotated. The first one signs, and each is accepted. */
export const rotatedSecrets = (text: string): readonly string[] => text.split(',').map((secret) => secret.trim());
