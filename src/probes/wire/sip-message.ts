/** Messages of SIP (RFC 3261): the OPTIONS request, what comes back, and the answer to a challenge. */

import { createHash } from 'node:crypto';

export interface SipRequest {
  readonly transport: 'UDP' | 'TCP' | 'TLS';
  /** Address and port that the answer is to come to. */
  readonly sentBy: string;
  /** `user@domain`: who asks, and who is asked for. */
  readonly address: string;
  readonly branch: string;
  readonly tag: string;
  readonly callId: string;
  readonly sequence: number;
  /** A header with credentials, empty without any. */
  readonly authorization: string;
}

export interface SipResponse {
  readonly status: number;
  /** What stands behind the status: `Not Found`. */
  readonly phrase: string;
  /** Values by full name in lower case, in order. */
  headers(name: string): readonly string[];
}

/** What every branch since RFC 3261 begins with (section 8.1.1.7). */
export const branchStart = 'z9hG4bK';

export function optionsRequest(request: SipRequest): string {
  const { transport, sentBy, address, branch, tag, callId, sequence, authorization } = request;
  return [
    `OPTIONS sip:${address} SIP/2.0`,
    // The answer is to come to the port that asks, whatever stands between (RFC 3581).
    `Via: SIP/2.0/${transport} ${sentBy};branch=${branch};rport`,
    'Max-Forwards: 70',
    `To: <sip:${address}>`,
    `From: <sip:${address}>;tag=${tag}`,
    `Call-ID: ${callId}`,
    `CSeq: ${sequence} OPTIONS`,
    `Contact: <sip:${address}>`,
    ...(authorization === '' ? [] : [authorization]),
    'Accept: application/sdp',
    'Content-Length: 0',
    '\r\n',
  ].join('\r\n');
}

/** Null where a text is no response. It ends where the body begins, or after that. */
export function parseSip(text: string): SipResponse | null {
  const [head = ''] = withoutEmptyLines(text).split('\r\n\r\n', 1);
  // A line that begins with a blank goes on with the one before (section 7.3.1).
  const [first = '', ...lines] = head.replaceAll(/\r\n[ \t]+/g, ' ').split('\r\n');
  const [, status, phrase = ''] = /^SIP\/2\.0 (\d{3})(?: (.*))?$/.exec(first) ?? [];
  if (status === undefined) return null;
  const fields = lines.flatMap((line): [string, string][] => {
    const [, name = '', value = ''] = /^([^\s:]+)[ \t]*:[ \t]*(.*?)[ \t]*$/.exec(line) ?? [];
    const full = name.toLowerCase();
    return name === '' ? [] : [[compact[full] ?? full, value]];
  });
  return {
    status: Number(status),
    phrase,
    headers: (name) => fields.filter(([field]) => field === name).map(([, value]) => value),
  };
}

/** Those before a message mean nothing (section 7.5); they keep connections alive (RFC 5626, section 4.4.1). */
export function withoutEmptyLines(text: string): string {
  return text.replace(/^(?:\r\n)+/, '');
}

/** RFC 3261, section 7.3.3: those that are read here. */
const compact: Readonly<Record<string, string>> = { i: 'call-id', l: 'content-length', v: 'via' };

/** Whether a response is one to this request (section 17.1.3), and not to one before or somebody else's. */
export function isAnswer(response: SipResponse, { branch, callId, sequence }: SipRequest): boolean {
  const [via = ''] = response.headers('via');
  const [, found] = /;\s*branch\s*=\s*([^\s;,]+)/i.exec(via) ?? [];
  const [cseq = ''] = response.headers('cseq');
  return (
    found === branch && response.headers('call-id')[0] === callId && cseq.replace(/\s+/, ' ') === `${sequence} OPTIONS`
  );
}

export interface Credentials {
  readonly user: string;
  readonly password: string;
  /** `sip:…`, as it is asked for. */
  readonly uri: string;
  /** Random. */
  readonly cnonce: string;
}

/**
 * The header that answers a challenge by digest (RFC 8760), empty where there is none that can be answered: for
 * those of a server with status 401, or of a proxy with 407.
 */
export function authorization(response: SipResponse, credentials: Credentials): string {
  const [name, answer] =
    response.status === 407 ? ['proxy-authenticate', 'Proxy-Authorization'] : ['www-authenticate', 'Authorization'];
  for (const challenge of response.headers(name).map(parametersOf)) {
    const value = challenge && digest(challenge, credentials);
    if (value) return `${answer}: ${value}`;
  }
  return '';
}

/** By name in lower case; null where the scheme is not Digest. */
function parametersOf(challenge: string): ReadonlyMap<string, string> | null {
  const [, parameters] = /^Digest\s+(.*)$/i.exec(challenge) ?? [];
  if (parameters === undefined) return null;
  const pairs = parameters.matchAll(/([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,]*))/g);
  return new Map([...pairs].map(([, name = '', quoted, token = '']) => [name.toLowerCase(), quoted ?? token]));
}

const algorithms: Readonly<Record<string, string>> = { MD5: 'md5', 'SHA-256': 'sha256' };

function digest(challenge: ReadonlyMap<string, string>, { user, password, uri, cnonce }: Credentials): string | null {
  const algorithm = challenge.get('algorithm') ?? 'MD5';
  const hash = algorithms[algorithm.toUpperCase()];
  const offered = challenge.get('qop')?.split(/\s*,\s*/);
  if (hash === undefined || offered?.includes('auth') === false) return null;
  const hashed = (...parts: readonly string[]) => createHash(hash).update(parts.join(':')).digest('hex');
  const [realm, nonce] = [challenge.get('realm') ?? '', challenge.get('nonce') ?? ''];
  const count = '00000001';
  const once = offered === undefined ? [] : [count, cnonce, 'auth'];
  const response = hashed(hashed(user, realm, password), nonce, ...once, hashed('OPTIONS', uri));
  const opaque = challenge.get('opaque');
  return [
    `Digest username="${user}", realm="${realm}", nonce="${nonce}", uri="${uri}"`,
    `response="${response}", algorithm=${algorithm}`,
    ...(opaque === undefined ? [] : [`opaque="${opaque}"`]),
    ...(offered === undefined ? [] : [`qop=auth, nc=${count}, cnonce="${cnonce}"`]),
  ].join(', ');
}
