/** An interactive shell on a terminal, whose completion is asked for with the TAB key as a person would. */

import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { Program } from './process.js';

export type ShellName = 'bash' | 'zsh';

export interface Completed {
  /** The words that were offered, sorted, in the words of the completion. */
  readonly offered: readonly string[];
  /** The command line that the key left. */
  readonly line: string;
}

export interface CompletingShell {
  /** Gives what the key does behind these characters. */
  readonly complete: (typed: string) => Promise<Completed>;
  /** Everything that the terminal has shown. */
  readonly shown: () => string;
}

interface Manner {
  readonly command: string;
  /** Loads the file `_ldirectord` of the folder, and binds the other key. */
  readonly setup: (folder: string) => string;
}

/** The key that has the shell print what was offered, and empties the line. */
const tell = '\u0014';

const manners: Readonly<Record<ShellName, Manner>> = {
  bash: {
    command: 'bash --norc --noprofile -i',
    // bash forgets COMPREPLY when the function returns.
    setup: (folder) => `bind 'set enable-bracketed-paste off'
source '${folder}/_ldirectord'
noting() { _ldirectord; offered=("\${COMPREPLY[@]}"); }
complete -F noting ldirectord
tell() {
  printf '\\n<<%s>><<%s>>\\n' "$(IFS='|'; printf %s "\${offered[*]}")" "$READLINE_LINE"
  READLINE_LINE= offered=()
}
bind -x '"\\C-t": tell'
`,
  },
  zsh: {
    command: 'zsh -f -i',
    // All that is offered goes through compadd; with -O, -A or -D it is only asked what would be. Names
    // of files come quoted.
    setup: (folder) => `fpath=('${folder}' $fpath)
autoload -Uz compinit && compinit -u -D
typeset -ga offered
compadd() {
  if [[ \${@[1,(i)(-|--)]} != *-[a-zA-Z]#[OAD]\\ * ]]; then
    local -a found
    builtin compadd -O found "$@"
    offered+=("\${(@Q)found}")
  fi
  builtin compadd "$@"
}
tell() {
  printf '\\n<<%s>><<%s>>\\n' "\${(j:|:)offered}" "$BUFFER"
  BUFFER= offered=()
}
zle -N tell
bindkey '^T' tell
`,
  },
};

export interface Place {
  /** Where files are completed from. */
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
}

/** Loads the script as a person would have it installed. */
export async function completingShell(t: TestContext, name: ShellName, script: string, { folder, env }: Place) {
  const { command, setup } = manners[name];
  const own = join(folder, `of-${name}`);
  await mkdir(own);
  await writeFile(join(own, '_ldirectord'), script);
  await writeFile(join(own, 'setup'), `${setup(own)}printf '%s\\n' 'the shell is ready'\n`);
  const shell = new Program(t, 'script', ['-qec', command, '/dev/null'], { ...env, TERM: 'xterm', HISTFILE: '' });
  shell.send(`cd '${folder}'; source '${own}/setup'\r`);
  await shell.line(/the shell is ready/);
  const complete = async (typed: string): Promise<Completed> => {
    shell.send(`${typed}\t${tell}`);
    const { text } = await shell.line(/<<.*>><<.*>>/);
    const [, offered = '', line = ''] = /<<(.*)>><<(.*)>>/.exec(text) ?? assert.fail(text);
    return { offered: [...new Set(offered.split('|'))].filter((word) => word !== '').sort(), line };
  };
  return { complete, shown: () => shell.text } satisfies CompletingShell;
}
