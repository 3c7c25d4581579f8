/**
 * What is to be known of a machine, as sections: each has its part of one script and knows what that prints. A reader of
 * more puts sections of its own beside those of `machine.ts`.
 */

export interface Section<T> {
  /** A program that it does not go without, and the package of Debian's that brings it. */
  readonly tool?: { readonly program: string; readonly package: string };
  /** Commands of sh(1), each with a newline. Their exit status means nothing. */
  readonly script: string;
  /** Takes the lines that these print. Never throws: the machine may be odd, or lie. */
  readonly read: (lines: readonly string[]) => Reading<T>;
}

export type Reading<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly fault: ReadingFault };

/** Why a machine could not be read. */
export interface ReadingFault {
  /** One line. */
  readonly message: string;
  /** What to do about it. */
  readonly remedy: string;
}

/** By name, which is of small letters. */
export type Sections = Readonly<Record<string, Section<unknown>>>;
export type Values<S extends Sections> = { readonly [N in keyof S]: S[N] extends Section<infer T> ? T : never };

/** What begins a section in the output, and what ends all. A line of a program's never begins like it. */
const mark = '##ldirectord';
const missing = `${mark}-missing`;
const end = 'end';

/** Sections in one script of POSIX sh(1). It runs the same in every language and finds what is root's. */
export function composeScript(sections: Sections): string {
  const parts = Object.entries(sections).map(([name, { tool, script }]) => {
    const head = `echo '${mark} ${name}'\n`;
    if (tool === undefined) return `${head}${script}`;
    return `${head}if command -v ${tool.program} >/dev/null 2>&1; then :\n${script}else echo '${missing}'\nfi\n`;
  });
  // What a section leaves without a newline must not hide the next one's head.
  const script = parts.join('echo\n');
  return `LC_ALL=C PATH="$PATH:/usr/sbin:/sbin"\nexport LC_ALL PATH\n${script}echo\necho '${mark} ${end}'\n`;
}

/** The first fault is that of all. */
export function readSections<S extends Sections>(sections: S, text: string): Reading<Values<S>> {
  const found = split(text);
  if (!found.has(end)) {
    const message = 'its answer is not whole';
    return {
      ok: false,
      fault: { message, remedy: 'see that its login shell runs sh(1) and prints nothing of its own' },
    };
  }
  const values: Record<string, unknown> = {};
  for (const [name, { tool, read }] of Object.entries(sections)) {
    const lines = found.get(name) ?? [];
    if (tool && lines.includes(missing)) return { ok: false, fault: lacks(tool.program, tool.package) };
    const reading = read(lines);
    if (!reading.ok) return reading;
    values[name] = reading.value;
  }
  return { ok: true, value: values as Values<S> };
}

export function lacks(program: string, debianPackage: string): ReadingFault {
  return { message: `it has no \`${program}\``, remedy: `apt-get install ${debianPackage}` };
}

/** The lines of each, without empty ones. What stands before the first head is somebody else's greeting. */
function split(text: string): Map<string, string[]> {
  const found = new Map<string, string[]>();
  let lines: string[] = [];
  for (const line of text.split('\n')) {
    if (line.startsWith(`${mark} `)) {
      lines = [];
      found.set(line.slice(mark.length + 1), lines);
    } else if (line !== '') lines.push(line);
  }
  return found;
}
