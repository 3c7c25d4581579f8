/** What a server answered, or a file held, must not end a line or steer a terminal. */
export function printable(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, (control) => `\\x${control.charCodeAt(0).toString(16).padStart(2, '0')}`);
}
