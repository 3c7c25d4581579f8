/** The user and password that an address can hold before its `@`. */

const absolute = /^\/?https?:\/\/([^/?@:]*):([^/?@]*)@/i;

export interface AddressLogin {
  /** Escaped, as they stand there. */
  readonly user: string;
  readonly password: string;
}

/** Null where the text is no such address. */
export function loginIn(text: string): AddressLogin | null {
  // As of most checks, after each of which it is asked.
  if (!text.includes('@')) return null;
  const [, user, password] = absolute.exec(text) ?? [];
  return user === undefined || password === undefined ? null : { user, password };
}

/** As the Basic scheme sends them (RFC 7617). */
export function basicOf({ user, password }: AddressLogin): string {
  const said = `${user}:${password}`.replaceAll(/%([\da-f]{2})/gi, (_, byte) =>
    String.fromCharCode(Number.parseInt(byte, 16)),
  );
  return Buffer.from(said, 'latin1').toString('base64');
}
