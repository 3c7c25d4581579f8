import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plainText } from '../../src/manual/plain.js';

const page = `.Dd November 29, 2026
.Dt EXAMPLE 8
.Os
.Sh NAME
.Nm example
.Nd shows \\fBhow\\fP
.Sh SYNOPSIS
.Nm
.Op Ar options
.Ar VERB
.Nm
.Cm help
.Sh DESCRIPTION
Some words that go on for longer than the line is, which is not long.
.Pp
.Bl -tag -width Ds
.It Cm a
Short.
.It Cm a\\-longer term
Below it.
.El
.Bl -bullet -compact
.It
one
.It
two
.El
.Ss Literally
.Bd -literal -offset indent
a  b \\e
.Ed
.Sh SEE ALSO
.Xr other 5 ,
.Xr third 7
`;

test('headings, paragraphs, lists and displays', () => {
  assert.equal(
    plainText(page, 40),
    `EXAMPLE(8)

NAME
    example – shows how

SYNOPSIS
    example [options] VERB
    example help

DESCRIPTION
    Some words that go on for longer
    than the line is, which is not long.

    a     Short.

    a-longer term
          Below it.
    •     one
    •     two

  Literally

        a  b \\

SEE ALSO
    other(5), third(7)
`,
  );
});

test('what it does not know it does not pass over', () => {
  assert.throws(() => plainText('.Sh A\n.Rs x\n', 80), /no macro Rs/);
});
