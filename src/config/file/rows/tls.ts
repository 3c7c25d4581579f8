/** How TLS is spoken to real servers. */

import type { NamedFile } from '../../../model/config.js';
import { judgesTls } from '../../spoken.js';
import { servicesWith } from '../../tls-modes.js';
import { extension, optional, row } from '../directive.js';
import { namedFile, tlsMode, wholeNumber } from '../extension-values.js';
import { maybeQuoted, yesOrNo } from '../values.js';

/** A hundred years: no certificate is valid for longer. */
const mostDays = 36_525;

const whereJudged = { applies: judgesTls } as const;

const file = {
  ...extension,
  ...optional,
  quoted: true,
  show: (value: NamedFile | null) => value?.path ?? null,
} as const;

export const tlsDirectives = {
  tls: row(
    'virtual',
    tlsMode,
    'no',
    `\`no\`, \`yes\` (from the first byte), \`starttls\` (${servicesWith('starttls').join(', ')}) or \`prefer\` (${servicesWith('prefer').join(', ')}: where the server offers it)`,
    { ...extension, word: true, words: 'by service' },
  ),
  tlsverify: row('virtual', yesOrNo, false, 'whether the certificate must be valid', {
    ...extension,
    ...whereJudged,
    word: true,
  }),
  tlscafile: row('virtual', namedFile, null, 'the file of the authorities that `tlsverify` trusts', {
    ...file,
    words: 'the system’s',
  }),
  tlsservername: row(
    'virtual',
    maybeQuoted('the name'),
    null,
    'the name to ask for in TLS, and that the certificate must have; an address is not asked for, but it must be in there; without one no name is checked',
    { ...extension, ...optional, words: 'virtualhost' },
  ),
  tlscertfile: row('virtual', namedFile, null, 'the file of the certificate to show to the server', file),
  tlskeyfile: row('virtual', namedFile, null, 'the file of its key', { ...file, words: 'tlscertfile' }),
  tlsmindays: row(
    'virtual',
    wholeNumber('the number of days', 0, mostDays),
    0,
    'days for which the certificate must be valid still; 0 is not asked',
    { ...extension, ...whereJudged },
  ),
};
