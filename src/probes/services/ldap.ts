/**
 * Whether a directory lets in and holds the entry that `request` names (RFC 4511): the root entry without a request.
 * Where `receive` is set, the entry's name or one of its values must match it. Anonymous without login and passwd.
 */

import * as ldapts from 'ldapts';
import { answer, concealSecrets, type Phase, ProbeFailure, printable } from '../failure.js';
import type { Check, ProbeAnswer } from '../probe.js';
import { type Dialogue, withDialogue } from '../wire/dialogue.js';
import {
  type LdapEntry,
  type LdapOperation,
  type LdapResult,
  type Ldapts,
  readMessage,
  resultName,
} from '../wire/ldap-message.js';
import { matches } from '../wire/match.js';
import { ownRequest } from '../wire/own-request.js';

export function probeLdap(check: Check, signal: AbortSignal): Promise<ProbeAnswer> {
  return answer(async () => {
    return withDialogue(check, signal, async (dialogue) => {
      if (check.tls?.mode === 'starttls') await startTls(dialogue, check, ldapts);
      await bind(dialogue, check, ldapts);
      const entry = await search(dialogue, check, ldapts);
      dialogue.send(new ldapts.UnbindRequest({ messageId: ids.unbind }).write());
      return judge(entry, check);
    });
  });
}

/** Of the messages, each of which is sent once. */
const ids = { startTls: 1, bind: 2, search: 3, unbind: 4 } as const;

/** RFC 4511, section 4.14.1. */
const startTlsName = '1.3.6.1.4.1.1466.20037';

async function startTls(dialogue: Dialogue, check: Check, ldapts: Ldapts): Promise<void> {
  dialogue.send(new ldapts.ExtendedRequest({ messageId: ids.startTls, oid: startTlsName }).write());
  require(await finish(dialogue, 'starttls', 'extended', ids.startTls, ldapts), 'starttls', check);
  await dialogue.upgrade();
}

async function bind(dialogue: Dialogue, check: Check, ldapts: Ldapts): Promise<void> {
  const { login, passwd } = check;
  // With a name and no password most servers let everyone in, or nobody (RFC 4513, section 5.1.2).
  const who = login === '' || passwd === '' ? {} : { dn: login, password: passwd };
  dialogue.send(new ldapts.BindRequest({ messageId: ids.bind, ...who }).write());
  require(await finish(dialogue, 'login', 'bind', ids.bind, ldapts), 'login', check);
}

async function search(dialogue: Dialogue, check: Check, ldapts: Ldapts): Promise<LdapEntry> {
  const request = new ldapts.SearchRequest({
    messageId: ids.search,
    baseDN: ownRequest(check),
    scope: 'base',
    derefAliases: 'find',
    timeLimit: Math.ceil(check.negotiateTimeout / 1000),
    filter: new ldapts.PresenceFilter({ attribute: 'objectClass' }),
    // `1.1` is none (section 4.5.1.8); without a list it is all of them.
    attributes: check.receive === null ? ['1.1'] : [],
  });
  dialogue.send(request.write());
  const entries: LdapEntry[] = [];
  const result = await finish(dialogue, 'query', 'search', ids.search, ldapts, entries);
  require(result, 'query', check);
  const [entry] = entries;
  if (entry === undefined) throw new ProbeFailure('response', 'no entry');
  return entry;
}

/** Reads up to the result of an operation, and keeps the entries before it. */
async function finish(
  dialogue: Dialogue,
  phase: Phase,
  of: LdapOperation,
  id: number,
  ldapts: Ldapts,
  entries: LdapEntry[] = [],
): Promise<LdapResult> {
  for (;;) {
    const message = await readMessage(dialogue, phase, ldapts);
    // Without a number it is the notice that the server hangs up (section 4.4.1).
    const isResult = message.kind === 'result';
    if (isResult && (message.id === 0 || (message.id === id && message.of === of))) return message;
    if (message.id !== id || isResult) throw new ProbeFailure(phase, 'an answer to what was not asked');
    if (message.kind === 'entry') entries.push(message);
  }
}

function require({ id, code, text }: LdapResult, phase: Phase, { passwd }: Check): void {
  if (code === 0 && id !== 0) return;
  const said = text === '' ? '' : `: the server says "${concealSecrets(text, [passwd])}"`;
  throw new ProbeFailure(phase, `${resultName(code)}${said}`);
}

function judge({ dn, values }: LdapEntry, { receive }: Check): string {
  const entry = dn === '' ? 'the root entry' : `entry "${printable(dn)}"`;
  if (receive === null) return `response: ${entry}`;
  // The reference looks at the name alone, though its manual speaks of the result.
  if (![dn, ...values].some((text) => matches(text, receive))) {
    throw new ProbeFailure('response', `no match for "${printable(receive.source)}" in ${entry}`);
  }
  return `response: ${entry} matches`;
}
