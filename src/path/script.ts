/** How a script comes to sh(1): over its standard input, where no list of processes shows it. */

/**
 * A compound command, of which the shell runs nothing until it has all of it: half a script, as a connection leaves that
 * breaks, is an error of syntax. The script gets no input. It ends, with what it has started, where the shell's input
 * does: the director that waits no longer, or is gone, does not go on changing a machine that it has given up.
 */
export function wholeScript(script: string): string {
  return `{
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin LC_ALL=C
export PATH LC_ALL
end() {
kill -STOP $1
for child in $(cat /proc/$1/task/$1/children); do end $child; done
kill -KILL $1
}
exec 3<&0
( exec 3<&-
${script}
) </dev/null & script=$!
( while read -r more <&3; do :; done; end $script ) </dev/null >/dev/null 2>&1 & watch=$!
exec 3<&-
wait $script
status=$?
kill $watch
exit $status
}
`;
}

/** Whose the script is to be. */
export type As = { readonly sudo: false } | { readonly sudo: true; readonly password: string | null };

export interface Launch {
  readonly argv: readonly [program: string, ...args: string[]];
  /** The shell is there, and has the right user: stands on both of its outputs, before all that is the script's. */
  readonly begun: string;
  /** Sudo waits for the password and for nothing else; null where there is none to be had. */
  readonly prompt: string | null;
}

/** The mark is a word that nobody can know beforehand, so that nothing else that is printed passes for what is awaited. */
export function launch(as: As, mark: string): Launch {
  const begun = `${mark}-begun\n`;
  const sh = ['/bin/sh', '-c', `echo ${mark}-begun; echo ${mark}-begun >&2; exec /bin/sh`] as const;
  if (!as.sudo) return { argv: sh, begun, prompt: null };
  if (as.password === null) return { argv: ['sudo', '-n', ...sh], begun, prompt: null };
  const prompt = `${mark}-password:`;
  return { argv: ['sudo', '-S', '-p', prompt, ...sh], begun, prompt };
}
