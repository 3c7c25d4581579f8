/** What the real Perl says of patterns: one process for many. */

import { execFileSync, spawnSync } from 'node:child_process';

export interface PerlCase {
  readonly pattern: string;
  readonly subjects: readonly string[];
}

/** Whether each subject matches; or Perl refuses the pattern; or it panics when it runs it, which it does for `[^\d\D]?`. */
export type PerlAnswer = readonly boolean[] | 'refused' | 'panic';

export const perl = spawnSync('perl', ['-e', 'exit($] < 5.034)']).status === 0;

/**
 * Each line holds a pattern and its subjects, UTF-8 in hexadecimal; so does each answer, in 0 and 1. The rules of
 * /a are what `\w` and its kin mean for octets, extended to whole characters.
 */
const script = String.raw`
no warnings; use re '/a';
while (<STDIN>) {
  my ($pattern, @subjects) = map { my $text = pack 'H*', $_; utf8::decode($text); $text } split /,/, $_ =~ s/\n//r, -1;
  my $regex = eval { qr/$pattern/ };
  print !defined $regex ? 'refused' : eval { join '', map { $_ =~ $regex ? 1 : 0 } @subjects } // 'panic', "\n";
}
`;

export function askPerl(cases: readonly PerlCase[]): PerlAnswer[] {
  const input = cases
    .map(({ pattern, subjects }) => [pattern, ...subjects].map((text) => Buffer.from(text).toString('hex')).join(','))
    .join('\n');
  const output = execFileSync('perl', ['-e', script], {
    input: `${input}\n`,
    encoding: 'latin1',
    maxBuffer: 1 << 30,
    stdio: ['pipe', 'pipe', 'ignore'],
    timeout: 600_000,
  });
  return output
    .split('\n')
    .slice(0, cases.length)
    .map((line) => (line === 'refused' || line === 'panic' ? line : [...line].map((digit) => digit === '1')));
}
