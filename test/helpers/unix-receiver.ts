/** A Unix datagram socket that a program of the system listens on, since Node cannot. */

import type { TestContext } from 'node:test';
import { Program } from './process.js';

/** Prints a line when it listens, then each datagram with its line ends written as `\n`. Reads nothing after `SIGSTOP`. */
const script = `
use Socket; $| = 1;
my $name = $ARGV[0]; $name =~ s/^@/\\0/;
socket(my $s, PF_UNIX, SOCK_DGRAM, 0) or die $!;
bind($s, pack_sockaddr_un($name)) or die $!;
print "listening\\n";
while (defined recv($s, my $data, 65536, 0)) { $data =~ s/\\n/\\\\n/g; print "$data\\n" }
`;

export async function unixReceiver(t: TestContext, path: string): Promise<Program> {
  const receiver = new Program(t, 'perl', ['-e', script, path]);
  await receiver.line(/^listening$/);
  return receiver;
}
